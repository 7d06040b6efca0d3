import type { ApiRequest, ApiResponse } from '../core/action.ts';
import type { NodeCommand } from '../core/command.ts';
import { type Answer, type Fact, type Question, questions, readFact, reading } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import type { CallOptions } from '../core/ports.ts';
import type { World } from './world.ts';
import { CommandError, DroverError } from '../core/error.ts';
import { sh } from '../core/command.ts';

/** What a look at one fact saw, and on which boot where the node itself was asked. */
export type Seen = { readonly state: Json; readonly bootId?: string };

/** The boot of a look, as an event carries it. */
export const bootOf = ({ bootId }: Seen): { readonly bootId?: string } => (bootId === undefined ? {} : { bootId });

const bootQuestion = sh`cat /proc/sys/kernel/random/boot_id`;
const bootFact = reading(bootQuestion, ({ stdout }) => stdout.trim());

/** The boot that the node is on now. @throws ConnectionError */
export const bootNow = async (world: World, options: CallOptions): Promise<string | undefined> => {
  const [result] = (await world.node?.read([bootQuestion], options)) ?? [];
  return result?.stdout.trim();
};

/** The node commands that a look at these facts runs, each text once, the boot id last. */
export const nodeQuestions = (facts: readonly Fact[]): readonly NodeCommand[] => {
  const asked = facts.flatMap((fact) => questions(fact)).filter((question) => question.via === 'ssh');
  if (asked.length === 0) return [];
  const once = new Map(asked.map((command) => [command.text, command]));
  return [...once.values(), ...(once.has(bootQuestion.text) ? [] : [bootQuestion])];
};

/** Answers of commands that were asked in the order of `nodeQuestions`. */
export type NodeAnswers = ReadonlyMap<string, Answer>;

/** Pairs commands with their results. */
export const pairAnswers = (
  asked: readonly NodeCommand[],
  results: readonly { readonly exitCode: number; readonly stdout: string; readonly stderr: string; readonly durationMs: number }[],
): NodeAnswers =>
  new Map(
    asked.flatMap((command, index) => {
      const result = results[index];
      return result ? [[command.text, { command: result }]] : [];
    }),
  );

/**
 * Looks at many facts at once: all node commands in one exec, all API calls side by side. What several facts ask of either is asked once, so that they
 * go by the same answer.
 *
 * @param ready answers that an earlier exec brought along, so that nothing is asked twice
 * @throws ConnectionError, ClusterError; CommandError when an answer makes no sense
 */
export const look = async (world: World, facts: readonly Fact[], options: CallOptions, ready?: NodeAnswers): Promise<readonly Seen[]> => {
  const commands = nodeQuestions(facts);
  const missing = commands.filter(({ text }) => !ready?.has(text));
  const answered = new Map(ready);
  if (missing.length > 0) {
    if (!world.node) throw new CommandError('a step that runs once for the run asks a node');
    for (const [text, answer] of pairAnswers(missing, await world.node.read(missing, options))) answered.set(text, answer);
  }
  const bootAnswer = answered.get(bootQuestion.text);
  const bootId = bootAnswer && commands.length > 0 ? readFact(bootFact, [bootAnswer]) : undefined;
  const called = new Map<string, Promise<ApiResponse>>();
  const call = (request: ApiRequest): Promise<ApiResponse> => {
    const response = called.get(request.path) ?? world.cluster.call(request, options);
    called.set(request.path, response);
    return response;
  };
  const ask = async (question: Question): Promise<Answer> => {
    switch (question.via) {
      case 'ssh': {
        const answer = answered.get(question.text);
        if (!answer) throw new CommandError(`no answer came for: ${question.masked}`, { transient: true });
        return answer;
      }
      case 'control':
        return { command: await world.control.run(question, options) };
      case 'kubernetes':
        return { response: await call(question) };
    }
  };
  return Promise.all(
    facts.map(async (fact): Promise<Seen> => {
      const asked = questions(fact);
      const answers = await Promise.all(asked.map(ask));
      const onNode = asked.some(({ via }) => via === 'ssh');
      return { state: parse(fact, answers), ...(onNode && typeof bootId === 'string' && { bootId }) };
    }),
  );
};

const parse = (fact: Fact, answers: Answer[]): Json => {
  try {
    return readFact(fact, answers);
  } catch (error) {
    if (error instanceof DroverError) throw error;
    const asked = questions(fact).map((question) =>
      question.via === 'kubernetes' ? `${question.method} ${question.path}` : question.masked,
    );
    throw new CommandError(
      `cannot make sense of what ${asked.join(' and ')} answered: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};
