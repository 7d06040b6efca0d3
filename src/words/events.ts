import { count } from '../core/count.ts';
import { showMs } from '../core/duration.ts';
import type { NodeEvent, RunSpec, Wave } from '../core/event.ts';
import type { NodeRun } from '../core/reduce.ts';
import { verdictSaid } from './way-out.ts';
import { whom } from './asked.ts';
import { blockedWords } from './blocked.ts';
import { type Colour, printable, shortId, shorten } from './text.ts';

/** An event in words: the step it is about, a sign that says the kind without colour, and what happened. */
export type Said = { readonly step: string | null; readonly sign: string; readonly words: string; readonly colour?: Colour };

const LONGEST = 300;

const listed = (items: readonly string[]): string =>
  items.length <= 4 ? items.join(', ') : `${items.slice(0, 3).join(', ')} and ${items.length - 3} more`;

/** How long a step took, and on which boot; both boots when it changed. */
const tookAndBoot = (before: NodeRun, event: NodeEvent & { readonly step: string; readonly bootId?: string }): string => {
  const state = before.steps[event.step];
  const took = state?.startedAt === undefined ? '' : ` in ${showMs(event.at - state.startedAt)}`;
  const from = state?.startedAt === undefined ? undefined : state.appliedOn;
  if (event.bootId === undefined) return took;
  return from !== undefined && from !== event.bootId ? `${took} (boot ${shortId(from)} → ${shortId(event.bootId)})` : took;
};

const planWords = (event: NodeEvent & { readonly type: 'plan.started' }, before: NodeRun): string => {
  const steps = count(event.outline.length, 'step');
  if (event.plan === 'rollback') return `goes back, by ${event.by}: ${steps}, last change first`;
  if (before.plan === undefined) return `starts: ${steps}`;
  return `tried again, by ${event.by}: looks anew at ${listed(event.reset)}`;
};

/** Who planned what the run was started by. */
const approvedWords = ({ approved }: RunSpec): string =>
  approved === undefined ? '' : `, by plan ${approved.sha256.slice(0, 8)} of ${approved.by}`;

const waveWords = (wave: Wave, nodes: Readonly<Record<string, number>>): string => {
  const names = Object.keys(nodes);
  const begin = names.length === 1 ? 'begins' : 'begin';
  switch (wave) {
    case 'canary':
      return `${listed(names)} ${begin} first: canar${names.length === 1 ? 'y' : 'ies'}`;
    case 'rollout':
      return `${listed(names)} ${begin}`;
    case 'replay':
      return `${listed(names)} ${begin} once more`;
    case 'rollback':
      return `${listed(names)} ${names.length === 1 ? 'goes' : 'go'} back`;
  }
};

const outcomes = {
  refused: { sign: '✗', words: 'refused, nothing was touched', colour: 'red' },
  succeeded: { sign: '✓', words: 'done', colour: 'green' },
  'rolled-back': { sign: '↩', words: 'rolled back', colour: 'yellow' },
  failed: { sign: '✗', words: 'failed', colour: 'red' },
  cancelled: { sign: '✗', words: 'cancelled', colour: 'yellow' },
} as const;

const noticeWords = ({ kind, reminder, ok, why, to }: NodeEvent & { readonly type: 'notice.sent' }): Omit<Said, 'step'> => {
  const who = whom({ ...(to !== undefined && { to }) });
  const what = {
    first: `${who} was told`,
    again: `${who} was reminded, ${reminder}×`,
    cleared: `${who} was told that it is over`,
    expired: `${who} was told that nothing came of it`,
  }[kind === 'cleared' || kind === 'expired' ? kind : reminder === 0 ? 'first' : 'again'];
  return ok
    ? { sign: '·', words: what, colour: 'dim' }
    : { sign: '!', words: `could not be told to anybody: ${printable(why ?? 'it did not get through')}`, colour: 'yellow' };
};

const isGate = (run: NodeRun, step: string): boolean => run.outline?.find(({ id }) => id === step)?.kind === 'gate';

/** Puts an event into words; `before` is what was known before it. */
export const say = (event: NodeEvent, before: NodeRun): Said => {
  const plain = (text: string): string => shorten(printable(text), LONGEST);
  switch (event.type) {
    case 'run.started': {
      const { runbook, nodes } = event.spec;
      return {
        step: null,
        sign: '▶',
        words: `${event.spec.adopted === true ? 'takes over with ' : ''}${runbook} on ${count(nodes.length, 'node')}: ${listed(nodes.map(({ name }) => name))} (by ${event.by}${approvedWords(event.spec)})`,
      };
    }
    case 'run.wave':
      return { step: null, sign: event.wave === 'rollback' ? '↩' : '▶', words: waveWords(event.wave, event.nodes) };
    case 'run.soaking': {
      const [whose, must] = event.nodes.length === 1 ? ['', 'has'] : ['all of ', 'have'];
      const rest = event.untilMs - event.at;
      const words = `${whose}${listed(event.nodes)} ${must} to stay healthy for ${showMs(rest)} before others begin`;
      return { step: null, sign: '·', words, colour: 'cyan' };
    }
    case 'run.unhealthy':
      return { step: null, sign: '✗', words: `${event.node} counts as failed: ${plain(event.why)}`, colour: 'red' };
    case 'run.halted':
      return { step: null, sign: '⏸', words: `halted: ${plain(event.why)}`, colour: 'yellow' };
    case 'run.resumed':
      return {
        step: null,
        sign: '▶',
        words: `goes on (by ${event.by})${event.control === undefined ? '' : ': in spite of what turned unhealthy'}`,
      };
    case 'run.finished': {
      const { sign, words, colour } = outcomes[event.outcome];
      const took = before.startedAt === undefined ? '' : ` after ${showMs(event.at - before.startedAt)}`;
      const why = event.why === undefined ? '' : `: ${plain(event.why)}`;
      return { step: null, sign, words: `the run: ${words}${took}${why}`, colour };
    }
    case 'plan.started':
      return {
        step: null,
        sign: event.plan === 'rollback' ? '↩' : '▶',
        words: planWords(event, before),
        ...(event.plan === 'rollback' && { colour: 'yellow' }),
      };
    case 'bracket.opened':
      return { step: null, sign: '·', words: 'has something to change: is taken out of service until that is proven' };
    case 'node.identified': {
      const { machineId, hostKey } = event.identity;
      return { step: null, sign: '·', words: `is at ${event.address}: machine ${shortId(machineId)}, host key ${hostKey}` };
    }
    case 'node.preflighted':
      return event.unmet.length === 0
        ? { step: null, sign: '✓', words: 'preflight holds', colour: 'dim' }
        : { step: null, sign: '✗', words: `preflight refuses: ${plain(event.unmet.join('; '))}`, colour: 'red' };
    case 'node.addressed':
      return { step: null, sign: '·', words: `answers at ${event.address} now: the same machine`, colour: 'cyan' };
    case 'node.parked':
      return { step: null, sign: '⏸', words: `waits: ${plain(event.waitsFor)}`, colour: 'yellow' };
    case 'node.resumed':
      return { step: null, sign: '▶', words: `goes on: ${plain(event.by)}` };
    case 'node.verdict':
      return { step: event.step, ...verdictSaid(event, before.guard !== undefined) };
    case 'guard.arming':
      return { step: event.step, sign: '·', words: 'tells the node to guard its address', colour: 'dim' };
    case 'guard.armed':
      return {
        step: event.step,
        sign: '·',
        words: `the node guards its address: back to the old one unless the move is confirmed within ${showMs(event.deadlineMs)} of the boot`,
      };
    case 'guard.confirmed':
      return {
        step: event.step,
        sign: '✓',
        words: `confirmed at ${event.address} over a new connection: the guard is gone`,
        colour: 'green',
      };
    case 'guard.reverted':
      return {
        step: event.step,
        sign: '↩',
        words: `the node has gone back to its old address by itself: ${plain(event.why)}; the move has to be done again`,
        colour: 'yellow',
      };
    case 'guard.disarmed':
      return { step: event.step, sign: '·', words: `the guard is gone: ${plain(event.why)}` };
    case 'node.finished': {
      const { sign, words, colour } = outcomes[event.outcome];
      const took = before.startedAt === undefined ? '' : ` after ${showMs(event.at - before.startedAt)}`;
      const by = event.by === undefined ? '' : ` (by ${event.by})`;
      return { step: null, sign, words: `${words}${took}${by}${event.why === undefined ? '' : `: ${plain(event.why)}`}`, colour };
    }
    case 'step.skipped':
      return {
        step: event.step,
        sign: '–',
        words: event.reason === undefined ? 'already as wished' : `skipped: ${plain(event.reason)}`,
        colour: 'dim',
      };
    case 'step.adopted':
      return {
        step: event.step,
        sign: '✓',
        words: `as wished on a second look${tookAndBoot(before, event)}; what was there before is kept`,
        colour: 'green',
      };
    case 'step.started': {
      const boot = event.bootId === undefined ? '' : ` (boot ${shortId(event.bootId)})`;
      const why = event.unmet === undefined || event.unmet.length === 0 ? '' : `: ${plain(event.unmet.join('; '))}`;
      const word = isGate(before, event.step) ? 'waits' : event.attempt > 1 ? `attempt ${event.attempt}` : 'starts';
      return { step: event.step, sign: '▶', words: `${word}${why}${boot}` };
    }
    case 'step.applied':
      return { step: event.step, sign: '·', words: `done in ${showMs(event.durationMs)}, now looks whether it holds` };
    case 'step.unknown':
      return {
        step: event.step,
        sign: '?',
        words: `cut off, so the outcome is not known: ${plain(event.why)}; a look decides`,
        colour: 'yellow',
      };
    case 'step.blocked':
      return event.by.length === 0
        ? { step: event.step, sign: '▶', words: 'nothing keeps it any more' }
        : { step: event.step, sign: '⏸', words: `not yet: ${shorten(blockedWords(event.by), LONGEST)}`, colour: 'yellow' };
    case 'step.asked':
      return { step: event.step, sign: '⏸', words: `asks ${whom(event)}: ${plain(event.instructions)}`, colour: 'yellow' };
    case 'notice.sent':
      return { step: event.step ?? null, ...noticeWords(event) };
    case 'step.answered':
      return {
        step: event.step,
        sign: '·',
        words: `${event.by} answered: ${typeof event.answer === 'string' ? plain(event.answer) : plain(JSON.stringify(event.answer))}`,
      };
    case 'step.verified': {
      // where it was found has been told already
      const told = before.found?.step === event.step && before.found.at >= (before.steps[event.step]?.actedAt ?? 0);
      const verdict = event.verdict === undefined || told ? '' : `: ${plain(event.verdict)}`;
      const word = isGate(before, event.step) ? 'holds' : 'verified';
      return { step: event.step, sign: '✓', words: `${word}${tookAndBoot(before, event)}${verdict}`, colour: 'green' };
    }
    case 'step.failed': {
      const took = before.steps[event.step]?.startedAt;
      const after = took === undefined ? '' : ` after ${showMs(event.at - took)}`;
      const why = event.unmet.length > 0 ? event.unmet.join('; ') : event.error.message;
      return { step: event.step, sign: '✗', words: `failed${after}: ${plain(why)}`, colour: 'red' };
    }
  }
};
