import type { Otherwise } from './asked.ts';
import { deadmanTimes } from './deadman.ts';
import { showMs } from './duration.ts';
import type { NodeRun } from './reduce.ts';
import { isUndo } from './undo.ts';
import type { Verdict } from './verdict.ts';

/** Where a node was found, or not, while an activation was under way; and what the run is bound to do about it. */
export type Found = {
  /** The activation. */
  readonly step: string;
  readonly verdict: Verdict;
  /** The step that waits for it: the activation itself, or the first behind it when that holds. */
  readonly waits: string;
  /** Epoch ms: when that step fails unless it holds by then. */
  readonly failsAt: number;
  /** What becomes of the node when it fails. */
  readonly otherwise: Otherwise;
  /** A person was asked to do it, so nobody knows when the node boots. */
  readonly asked: boolean;
};

/** Something that is done without a person; `from` and `until` are epoch ms. */
export type ByItself = { readonly does: string; readonly from?: number; readonly until?: number };

/** The next state of a node that has a verdict: which step waits, what a person can do, what happens by itself. */
export type WayOut = {
  /** Null when nothing waits any more: the node has ended. */
  readonly waits: string | null;
  readonly person: readonly string[];
  readonly drover: readonly ByItself[];
};

/** Journaled when it is news. `next` is the way out as it was then, for programs. */
export type VerdictEvent = { readonly type: 'node.verdict' } & Found & { readonly next: WayOut };

/** The verdict that matters to a node as it stands: of the plan that runs, and not overtaken by a replay or the end. */
export const foundNow = (run: NodeRun): Found | undefined => {
  const { found, guard, outcome } = run;
  if (found === undefined || outcome === 'succeeded' || outcome === 'rolled-back') return undefined;
  if (isUndo(found.step) !== (run.plan === 'rollback')) return undefined;
  const phase = run.steps[found.step]?.phase;
  const opened = phase === undefined || phase === 'pending';
  return opened && guard?.reverted !== true && run.parked === undefined ? undefined : found;
};

/** Seconds of a guard, as they were written: `10m`. */
const brief = (seconds: number): string => showMs(seconds * 1000).replace(/(?<=[mh])00[sm]$|\.0(?=s$)/, '');

/** What the guard on the node does, in words: it counts from the boot, which nobody knows of a node that a person starts. */
const guardDoes = ({ asked }: Found, run: NodeRun): readonly ByItself[] => {
  const { guard } = run;
  if (guard === undefined || guard.reverted) return [];
  const { wait, stay } = deadmanTimes(guard.deadlineMs);
  const does = `the node returns to its old address ${brief(wait)} after its boot (${brief(stay)} if the new gateway answers)`;
  const sentAt = asked ? undefined : run.steps[guard.step]?.actedAt;
  return [{ does, ...(sentAt !== undefined && { from: sentAt + guard.deadlineMs }) }];
};

/** What comes when the step that waits has no time left. */
const fails = (name: string, { otherwise, verdict }: Found): ByItself => {
  const away = verdict.verdict === 'nobody' || verdict.verdict === 'another-machine';
  const back = away ? ' and is taken back as soon as it answers' : ' and goes back by itself';
  return { does: `then ${name} fails${otherwise === 'goes-back' ? back : ', and stays as it is'}` };
};

const again = (of: string): readonly string[] => [`drover replay ${of}`, `drover rollback ${of}`];

/** What is to be done about the cause, before anything is tried again. */
const cause = (name: string, { verdict, asked }: Found): readonly string[] => {
  switch (verdict.verdict) {
    case 'rebooted-at-new':
      return [];
    case 'rebooted-at-old':
      return [`look why ${verdict.wished} did not come up: drover where ${name}`];
    case 'not-rebooted':
      return [asked ? 'do what was asked; a VM that was moved has to be restarted' : `restart it by its console: drover where ${name}`];
    case 'another-machine':
      return [
        `find out what answers at ${verdict.address}, and take it off that address`,
        `was ${name} installed anew? drover forget ${name} --pins`,
      ];
    case 'nobody':
      return [...(asked ? ['finish what was asked'] : []), `look at its console: drover where ${name} has the commands`];
  }
};

/** What drover does meanwhile, while the step still has time. */
const meanwhile = ({ verdict, failsAt }: Found): ByItself => {
  switch (verdict.verdict) {
    case 'rebooted-at-new':
      return { does: 'proves the changes on this boot', until: failsAt };
    case 'rebooted-at-old':
      return { does: `looks whether ${verdict.wished} comes up`, until: failsAt };
    case 'not-rebooted':
      return { does: 'looks for another boot', until: failsAt };
    case 'another-machine':
      return { does: 'sends it nothing, looks on', until: failsAt };
    case 'nobody':
      return { does: `tries ${verdict.addresses.join(', ')}`, until: failsAt };
  }
};

/** What an armed guard makes of it. */
const underGuard = (found: Found, run: NodeRun): readonly ByItself[] => {
  switch (found.verdict.verdict) {
    case 'rebooted-at-new':
      return [{ does: 'confirms the move over a new connection when they hold' }, ...guardDoes(found, run)];
    case 'rebooted-at-old':
      return [{ does: 'asks the guard on the node whether it took the move back' }];
    case 'not-rebooted':
      return [{ does: 'the node restarts itself where only its new gateway answers' }];
    case 'another-machine':
    case 'nobody':
      return guardDoes(found, run);
  }
};

/**
 * The way out of a verdict: which step waits, what a person can do, what drover and the guard on the node do by themselves.
 *
 * It follows from what the journal knows now, so it is made anew wherever it is shown: a guard that has gone back since, or a step that has failed,
 * is another situation.
 */
export const wayOut = (runId: string, name: string, run: NodeRun, found: Found): WayOut => {
  const { verdict } = found;
  const of = `${runId} ${name}`;
  const { guard, outcome } = run;
  if (guard?.reverted === true) {
    const to = 'wished' in verdict ? verdict.wished : 'its new address';
    return {
      waits: outcome === undefined ? guard.step : null,
      person: [`see that ${name} can be reached at ${to} (its network, the address)`, ...again(of)],
      drover: [{ does: "nothing before that; the node's guard holds the old address" }],
    };
  }
  if (outcome !== undefined)
    return { waits: null, person: [...cause(name, found), ...again(of)], drover: [{ does: 'nothing more' }, ...guardDoes(found, run)] };
  const guarded = guard === undefined ? [] : underGuard(found, run);
  return {
    waits: found.waits,
    person: cause(name, found),
    drover: [meanwhile(found), ...guarded, fails(name, found)],
  };
};

const sameVerdict = (a: Verdict, b: Verdict): boolean => {
  if (a.verdict !== b.verdict) return false;
  if (a.verdict === 'nobody' || b.verdict === 'nobody') return true;
  return a.address === b.address;
};

/** A boot takes its time: whoever is away for less is not worth a word. */
const QUIET_MS = 2 * 60_000;
/** A verdict that changes to and fro is told so often at most. */
const AT_MOST_MS = 15_000;

/** Whether a verdict tells something that the journal does not know yet. `now` is epoch ms. */
export const isNews = (run: NodeRun, { step, verdict, asked }: Pick<Found, 'step' | 'verdict' | 'asked'>, now: number): boolean => {
  const { found } = run;
  const actedAt = run.steps[step]?.actedAt;
  // before a step has begun, a verdict is that of the time for which the node is parked
  const lasts = actedAt === undefined ? run.parked !== undefined : found !== undefined && found.at >= actedAt;
  const last = found?.step === step && lasts ? found : undefined;
  if (last !== undefined && sameVerdict(last.verdict, verdict)) return false;
  switch (verdict.verdict) {
    case 'rebooted-at-new':
    case 'rebooted-at-old':
      return true;
    case 'another-machine':
      return last === undefined || now - last.at >= AT_MOST_MS;
    case 'nobody':
    case 'not-rebooted': {
      if (last !== undefined) return now - last.at >= AT_MOST_MS;
      // before anybody has done what was asked, it answers as it always did
      if (asked) return verdict.verdict === 'nobody';
      return actedAt === undefined || now - actedAt >= QUIET_MS;
    }
  }
};
