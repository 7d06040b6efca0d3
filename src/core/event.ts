import type { Asking } from './asked.ts';
import type { ErrorData } from './error.ts';
import type { Blocker } from './eviction.ts';
import type { Json } from './json.ts';
import type { Identity, Node } from './node.ts';
import type { Direction, Outline } from './plan.ts';
import type { Rollout } from './rollout.ts';
import type { SecretRef } from './command.ts';
import type { Duration } from './duration.ts';
import type { NoticeEvent } from './told.ts';
import type { VerdictEvent, WayOut } from './way-out.ts';

/** How a node ended. */
export type Outcome = 'succeeded' | 'rolled-back' | 'failed' | 'cancelled';
/** How a whole run ended. `refused`: the preflight of a node did not hold, and nothing was touched anywhere. */
export type RunOutcome = Outcome | 'refused';

/** What a run is, frozen when it starts; workers read this and never the inventory. Secrets are references. */
export type RunSpec = {
  readonly runbook: string;
  readonly version: number;
  readonly params: Json;
  readonly nodes: readonly Node[];
  readonly onFailure: 'rollback' | 'pause';
  readonly rollout: Rollout;
  readonly cluster: { readonly context: string | null };
  readonly ssh: SshSettings;
  /** Who is told, and how often, that something waits for a person. The address holds a secret, so it is a reference. */
  readonly notify?: { readonly webhook: SecretRef; readonly remind: Duration };
  /** The plan file that the run was started by: its checksum, who made it, and when (epoch milliseconds). */
  readonly approved?: { readonly sha256: string; readonly by: string; readonly at: number };
  /** The nodes were half-way when the run began. What it found as wished has no `before`, so drover cannot take it back. */
  readonly adopted?: true;
};

/** How to log in to the nodes, as far as the inventory says; what is null comes from ssh_config(5). */
export type SshSettings = {
  readonly user: string | null;
  readonly port: number | null;
  /** `[user@]host[:port]` of a jump host, as ProxyJump takes it. */
  readonly jump: string | null;
  readonly identityFile: string | null;
  readonly knownHosts: string | null;
};
/** Of an inventory that says nothing of it. */
export const noSshSettings: SshSettings = { user: null, port: null, jump: null, identityFile: null, knownHosts: null };

/** What happened to a step. `bootId` is the boot on which it was seen, absent where no boot was looked at. */
export type StepEvent =
  /** Already as wished; `state` is the evidence. */
  | { readonly type: 'step.skipped'; readonly step: string; readonly state: Json; readonly bootId?: string; readonly reason?: string }
  /** Met on a second look after `before` was taken: by an earlier attempt or by somebody else; `before` is kept. */
  | { readonly type: 'step.adopted'; readonly step: string; readonly state: Json; readonly bootId?: string }
  /** Written BEFORE the first action, with the reasons for it. The first one of a run owns `before`. */
  | {
      readonly type: 'step.started';
      readonly step: string;
      readonly attempt: number;
      readonly before: Json;
      readonly unmet?: readonly string[];
      readonly bootId?: string;
    }
  | { readonly type: 'step.applied'; readonly step: string; readonly durationMs: number; readonly bootId?: string }
  /** Cut off: the outcome is not known, a look decides. */
  | { readonly type: 'step.unknown'; readonly step: string; readonly why: string }
  /** Who keeps the step from going on; written when that is not who did before, empty when nobody does any more. */
  | { readonly type: 'step.blocked'; readonly step: string; readonly by: readonly Blocker[] }
  | ({ readonly type: 'step.asked'; readonly step: string } & Asking)
  | { readonly type: 'step.answered'; readonly step: string; readonly by: string; readonly answer: Json; readonly control: string }
  /** Evidence; for a boot also the verdict: where the node came up. */
  | { readonly type: 'step.verified'; readonly step: string; readonly after: Json; readonly bootId?: string; readonly verdict?: string }
  | { readonly type: 'step.failed'; readonly step: string; readonly unmet: readonly string[]; readonly error: ErrorData };

/** What happened to a node. `control` is the id of the control record that a person sent, where one did. */
export type LifeEvent =
  /** Also reopens a finished node. `reset` lists the steps that are to be looked at again; what they had found `before` stays. */
  | {
      readonly type: 'plan.started';
      readonly plan: Direction;
      readonly fingerprint: string;
      readonly outline: Outline;
      readonly reset: readonly string[];
      readonly by: string;
      readonly control?: string;
      /** The last control record that was there when the node began: what was said before that is void. */
      readonly heard?: string;
    }
  /** The bracket opens; `before` has the states of its gates and proofs, for the way back. */
  | { readonly type: 'bracket.opened'; readonly bracket: string; readonly before: Readonly<Record<string, Json>> }
  /** First contact in this run: who the machine is. Every later connection must be the same. */
  | { readonly type: 'node.identified'; readonly identity: Identity; readonly address: string }
  /** The gates before the first change were asked, while nothing was touched yet; `unmet` is empty when they hold. */
  | { readonly type: 'node.preflighted'; readonly unmet: readonly string[] }
  /** It answered at another address than before, identity checked. */
  | { readonly type: 'node.addressed'; readonly address: string }
  /** Waits for something outside drover; has not ended. `by-word`: only what a person says wakes it; else it goes on when the world shows it. */
  | {
      readonly type: 'node.parked';
      readonly waitsFor: string;
      readonly clears: 'by-itself' | 'by-word';
      /** Nothing that is the node answers: counts against `maxFailures` as long as it lasts. */
      readonly unreachable?: boolean;
      readonly control?: string;
    }
  | { readonly type: 'node.resumed'; readonly by: string; readonly control?: string }
  | {
      readonly type: 'node.finished';
      readonly outcome: Outcome;
      readonly by?: string;
      /** What a person has to know besides: what still runs on the node, say. */
      readonly why?: string;
      readonly control?: string;
    };

/** What happened to the guard on the node, which takes an address move back unless it is confirmed. */
export type GuardEvent =
  /** Written before the node is told to arm its guard: from now on it may be in force. */
  | { readonly type: 'guard.arming'; readonly step: string }
  /** The guard on the node is in force, before the first change that the activation `step` makes effective; again after each boot before it. */
  | { readonly type: 'guard.armed'; readonly step: string; readonly bootId: string; readonly deadlineMs: number; readonly reverts: number }
  /** The move was confirmed over a new connection, after identity and proofs held; the guard is gone. */
  | { readonly type: 'guard.confirmed'; readonly step: string; readonly bootId: string; readonly address: string }
  /** The guard has brought the old configuration up: `reopens` are to be done again. `reverts` is how often it has done so by now. */
  | {
      readonly type: 'guard.reverted';
      readonly step: string;
      readonly why: string;
      readonly reverts: number;
      readonly reopens: readonly string[];
      /** What a person has to do: the node waits for their word. */
      readonly waitsFor: string;
      /** The same for programs. */
      readonly next?: WayOut;
    }
  /** The guard is gone without a move. */
  | { readonly type: 'guard.disarmed'; readonly step: string; readonly why: string };

/** What happened to the run as a whole; stands in its own stream, beside the steps that run once. */
export type RunEvent =
  | { readonly type: 'run.started'; readonly spec: RunSpec; readonly by: string }
  /** These nodes may begin: each with its round, the number of times that it has ended before. Nothing is changed on a node without. */
  | { readonly type: 'run.wave'; readonly wave: Wave; readonly nodes: Readonly<Record<string, number>> }
  /** The canaries have to stay healthy until `untilMs`, epoch milliseconds. */
  | { readonly type: 'run.soaking'; readonly nodes: readonly string[]; readonly untilMs: number }
  /** A canary turned unhealthy while it soaked: counts as failed. */
  | { readonly type: 'run.unhealthy'; readonly node: string; readonly why: string }
  /** Nothing goes on by itself: `why` names the node and what it waits for. */
  | { readonly type: 'run.halted'; readonly why: string }
  /** Goes on; with `control`, because a person said so, in spite of what turned unhealthy. */
  | { readonly type: 'run.resumed'; readonly by: string; readonly control?: string }
  | { readonly type: 'run.finished'; readonly outcome: RunOutcome; readonly why?: string };

/** Why nodes begin: first and alone, in their turn, once more because a person said so, or to be taken back. */
export type Wave = 'canary' | 'rollout' | 'replay' | 'rollback';

/** An event before the journal numbered it. */
export type NewEvent = StepEvent | LifeEvent | GuardEvent | VerdictEvent | RunEvent | NoticeEvent;
/** An event of a journal: `seq` is dense from 1 in its stream, `at` is epoch milliseconds. */
export type NodeEvent = NewEvent & { readonly seq: number; readonly at: number };

/** What people say to a run: a separate stream, in order; whoever acts on a record names its id in the journal. */
export type NewControl = {
  readonly by: string;
  /** Absent: the whole run. */
  readonly nodes?: readonly string[];
} & (
  | { readonly type: 'pause' | 'resume' | 'cancel' | 'rollback' }
  | { readonly type: 'replay'; readonly from?: string }
  | { readonly type: 'answer'; readonly step: string; readonly answer: Json }
);
/** A control record; `id` rises in its stream, `at` is epoch milliseconds. */
export type Control = NewControl & { readonly id: string; readonly at: number };
