import { connect } from 'node:net';
import { showAction } from '../core/action.ts';
import { takesOf } from '../core/asked.ts';
import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import type { StepContext } from '../core/step.ts';
import { atOnce } from '../queue/at-once.ts';
import { nodeOfStream, planOfStream } from '../queue/plans.ts';
import type { World } from '../tui/app/world.ts';
import type { StepDetail, WayBack } from '../tui/model.ts';
import type { Saying } from '../tui/ui.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { behind, tailOf } from './follow.ts';
import { person } from './person.ts';
import { say } from './say.ts';
import type { RunFound } from './take-back.ts';
import { workersNow } from './workers-now.ts';

const SSH_PORT = 22;
const ANSWERS_MS = 2000;

/** How long it takes until something takes a connection at an address, asked from here; nothing is said to it. */
const roundTrip = async (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host, port, timeout: ANSWERS_MS });
    const end = (ms?: number): void => {
      socket.destroy();
      resolve(ms);
    };
    socket.on('connect', () => end(performance.now() - began));
    socket.on('timeout', () => end());
    socket.on('error', () => end());
  });

/** What the runbook says of the steps of a node; its actions as far as they were decided on something that was seen. */
const detailsOf = async (
  { station }: Drover,
  runId: string,
  spec: RunSpec,
  name: string,
): Promise<Readonly<Record<string, StepDetail>>> => {
  const plan = planOfStream(await station.runbook(spec.runbook), spec, name);
  const node = nodeOfStream(spec, name);
  if (!plan || !node) return {};
  const { steps, answers } = fold(await station.journal.read(runId, name));
  const ctx: StepContext = { runId, direction: 'forward', node, answers, awaiting: [] };
  const actions = (item: (typeof plan.items)[number]): readonly string[] => {
    const before = steps[item.step.id]?.baseline ?? steps[item.step.id]?.before;
    return item.step.kind === 'gate' || before === undefined ? [] : item.step.apply(before, ctx).map(showAction);
  };
  return Object.fromEntries(plan.items.map((item) => [item.step.id, { title: item.step.title, actions: actions(item) }]));
};

const waysBackOf = async (
  drover: Drover,
  found: RunFound,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, WayBack>>> => {
  // loaded when it is needed: the screen opens sooner without
  const { findBack } = await import('./take-back.ts');
  const ways: Record<string, WayBack> = {};
  await atOnce(names, async (name) => {
    const way = await findBack(drover, found, name, fold(await drover.station.journal.read(found.runId, name)), signal);
    ways[name] = way.kind === 'steps' ? { kind: 'steps', steps: way.steps } : { kind: 'none', why: way.why };
  });
  return ways;
};

/** Says one record as the commands do. */
const sayOne = async (drover: Drover, found: RunFound, record: Saying, by: string, signal: AbortSignal): Promise<void> => {
  switch (record.type) {
    case 'replay': {
      const { findReplay, sayReplay } = await import('./try-again.ts');
      return sayReplay(drover, found, await findReplay(drover, found, record.nodes, record.from), by);
    }
    case 'rollback': {
      const { findRollback, sayRollback } = await import('./take-back.ts');
      return sayRollback(drover, found, await findRollback(drover, found, record.nodes, signal), by);
    }
    case 'answer': {
      const { answerOf } = await import('./answer-of.ts');
      const { answer, step, nodes } = record;
      const asked = fold(await drover.station.journal.read(found.runId, nodes?.[0] ?? RUN_STREAM)).steps[step]?.asked;
      // one of the choices is the text itself, whatever it looks like
      const words = asked !== undefined && takesOf(step, asked).kind === 'words';
      return say(drover, found.runId, { ...record, answer: words && typeof answer === 'string' ? answerOf(answer) : answer, by });
    }
    default:
      return say(drover, found.runId, { ...record, by });
  }
};

/** What the screen sees and does of a run, by the journal. @param working whether this process works on it */
export const screenWorld = async (cli: Cli, drover: Drover, runId: string, spec: RunSpec, working: () => boolean): Promise<World> => {
  const { journal, clock } = drover.station;
  const tail = await tailOf(journal, runId);
  return {
    runId,
    spec,
    before: tail.before,
    follow: (signal) => behind(journal, runId, tail, signal),
    say: async (records) => {
      for (const record of records) await sayOne(drover, { runId, spec }, record, person(cli), cli.interrupted());
      if (working() || !records.some(({ type, nodes }) => type === 'cancel' && nodes === undefined)) return;
      const { endHere } = await import('./end-here.ts');
      await endHere(cli, drover, runId);
    },
    output: (node) => journal.readOutput(runId, node),
    details: (node) => detailsOf(drover, runId, spec, node),
    latency: (_node, address) => (spec.ssh.jump === null ? roundTrip(address, spec.ssh.port ?? SSH_PORT) : Promise.resolve(undefined)),
    waysBack: (nodes) => waysBackOf(drover, { runId, spec }, nodes, cli.interrupted()),
    holders: async () => {
      const workers = (await workersNow(drover)).filter(({ pid }) => pid !== process.pid);
      return { here: working(), others: workers.map(({ host, pid }) => `worker ${pid} on ${host}`) };
    },
    now: () => clock.now(),
  };
};
