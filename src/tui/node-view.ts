import type { NodeEvent } from '../core/event.ts';
import type { Node } from '../core/node.ts';
import { type NodeRun, emptyRun, isSettled, reduce } from '../core/reduce.ts';
import { withinMs } from '../core/step.ts';
import { openQuestion } from '../core/question.ts';
import { showVerdict } from '../core/verdict.ts';
import { foundNow } from '../core/way-out.ts';
import { blockedNow, blockedWords } from '../words/blocked.ts';
import type { NodeView, Standing, StepNote } from './model.ts';
import { stripOf } from './view/signs.ts';
import { clean } from './view/text.ts';

/** What is derived from a node's stream, and never told by it. */
type Derived = Pick<NodeView, 'standing' | 'step' | 'why' | 'since' | 'withinMs' | 'strip' | 'alike'>;
type Known = Omit<NodeView, keyof Derived>;

/** What is asked in the plan that runs; what a plan asked that was left since does not count. */
const questionOf = ({ run, plan }: Known): ReturnType<typeof openQuestion> => {
  const question = run.outcome === undefined ? openQuestion(run) : undefined;
  return question && plan?.some(({ id }) => id === question.step) === true ? question : undefined;
};

const standingOf = (run: NodeRun, asked: boolean): Standing => {
  if (run.outcome !== undefined) return run.outcome;
  if (run.paused) return 'paused';
  if (asked) return 'waits';
  if (run.parked !== undefined) return run.stuck ? 'waits' : 'parked';
  if (run.plan !== undefined) return 'running';
  return (run.preflight ?? []).length > 0 ? 'refused' : 'pending';
};

/** The step that a node is at: what failed, what was begun, else the first that is not settled. */
const stepAt = ({ run, plan = [] }: Known): string | undefined => {
  const open = plan.filter(({ id }) => !isSettled(run.steps[id]));
  const begun = open.find(({ id }) => {
    const phase = run.steps[id]?.phase;
    return phase !== undefined && phase !== 'pending';
  });
  return (begun ?? open[0])?.id;
};

/** Who keeps a node that waits for no word. */
const keptNow = (run: NodeRun): string => (run.stuck ? '' : blockedWords(blockedNow(run)?.by ?? []));

const runningWhy = ({ run, notes }: Known, step: string | undefined): string => {
  if (step === undefined) return '';
  const found = foundNow(run);
  // where the node has come up is in its header
  if (found?.waits === step && found.verdict.verdict !== 'rebooted-at-new') return showVerdict(found.verdict, run.guard !== undefined);
  const note = notes[step];
  const blocked = blockedNow(run);
  if (blocked?.step === step) return blockedWords(blocked.by);
  switch (run.steps[step]?.phase) {
    case 'unknown':
      return `cut off, a look decides: ${note?.unknown ?? 'the outcome is not known'}`;
    case 'started':
    case 'applied':
      return (note?.unmet ?? []).join('; ');
    default:
      return '';
  }
};

const whyOf = (known: Known, standing: Standing, step: string | undefined): string => {
  const { run, end } = known;
  switch (standing) {
    case 'failed': {
      const state = step === undefined ? undefined : run.steps[step];
      const words = (state?.unmet ?? []).join('; ') || (state?.error?.message ?? '');
      return [words, end?.why ?? ''].filter((part) => part !== '').join('; ');
    }
    case 'paused':
      return `${(run.parked ?? 'paused').replace(/: drover resume .*$/, '')}; p lets it go on`;
    case 'waits':
    case 'parked':
      return questionOf(known)?.asked.instructions ?? (keptNow(run) || (run.parked ?? ''));
    case 'refused':
      return (run.preflight ?? []).join('; ');
    case 'running':
      return runningWhy(known, step);
    case 'cancelled':
    case 'rolled-back':
    case 'succeeded':
      return [end?.by === undefined ? '' : `by ${end.by}`, end?.why ?? ''].filter((part) => part !== '').join(': ');
    case 'pending':
      return '';
  }
};

const derive = (known: Known): NodeView => {
  const { run, plan } = known;
  const question = questionOf(known);
  const standing = standingOf(run, question !== undefined);
  const over = standing === 'succeeded' || standing === 'rolled-back';
  const step = over ? undefined : (question?.step ?? stepAt(known));
  const state = step === undefined ? undefined : run.steps[step];
  const wish = plan?.find(({ id }) => id === step);
  const since = run.outcome === undefined ? (state?.startedAt ?? run.parkedAt) : undefined;
  const bound = wish && state?.startedAt !== undefined && since !== undefined ? withinMs(wish, state.asked !== undefined) : 0;
  const waitsAt = standing === 'waits' ? step : undefined;
  const strip = stripOf(run, run.outline, waitsAt);
  return {
    ...known,
    standing,
    ...(step !== undefined && { step }),
    why: clean(whyOf(known, standing, step)),
    ...(since !== undefined && { since }),
    ...(bound > 0 && { withinMs: bound }),
    strip,
    alike: `${standing} ${step ?? ''} ${strip}`,
  };
};

/** A node of which nothing is known yet. */
export const newNode = (node: Node, place: number): NodeView => derive({ name: node.name, node, run: emptyRun, notes: {}, place });

/** What an event tells of its step beside what is folded; undefined when nothing. */
const noteOf = (event: NodeEvent): StepNote | undefined => {
  switch (event.type) {
    case 'step.started':
      return event.unmet === undefined ? undefined : { unmet: event.unmet };
    case 'step.applied':
      return { tookMs: event.durationMs };
    case 'step.unknown':
      return { unknown: event.why };
    case 'step.verified':
      return event.verdict === undefined ? undefined : { verdict: event.verdict };
    case 'step.skipped':
      return event.reason === undefined ? undefined : { skipped: event.reason };
    case 'step.answered':
      return { answer: { by: event.by, words: typeof event.answer === 'string' ? event.answer : JSON.stringify(event.answer) } };
    default:
      return undefined;
  }
};

const folded = (known: Known, event: NodeEvent): Known => {
  const { name, node, place, notes, plan, end } = known;
  const run = reduce(known.run, event);
  const note = noteOf(event);
  const step = 'step' in event ? event.step : undefined;
  const next = note && step !== undefined ? { ...notes, [step]: { ...notes[step], ...note } } : notes;
  const all = { name, node, place, run, notes: next };
  switch (event.type) {
    case 'plan.started': {
      // what is looked at again is told anew
      const kept = Object.fromEntries(Object.entries(next).filter(([id]) => !event.reset.includes(id)));
      return { ...all, plan: event.outline, notes: kept };
    }
    case 'node.finished': {
      const { outcome, by, why } = event;
      const how = { outcome, ...(by !== undefined && { by }), ...(why !== undefined && { why }) };
      return { ...all, ...(plan && { plan }), end: how };
    }
    default:
      return { ...all, ...(plan && { plan }), ...(end && { end }) };
  }
};

/** Folds events of a node's stream into what is known of it; what follows from them is found once, for the last one. */
export const tellNode = (view: NodeView, events: readonly NodeEvent[]): NodeView => derive(events.reduce(folded, view));
