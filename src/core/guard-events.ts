import type { GuardEvent } from './event.ts';
import type { NodeRun, StepState } from './reduce.ts';

/** The guard on a node as the journal knows it. */
export type ArmedGuard = {
  /** The activation whose effect it guards. */
  readonly step: string;
  /** The boot on which it was last armed; null from before the node is told so until it is known: it may be in force, or not. */
  readonly bootId: string | null;
  /** How often it had gone back by then. */
  readonly reverts: number;
  /** How long it waits after the boot to be confirmed. */
  readonly deadlineMs: number;
  /** It has gone back, and was not armed again since. */
  readonly reverted: boolean;
};

/** Folds what happened to the guard: a revert opens steps again, and what they had found `before` stays. */
export const withGuard = (run: NodeRun, event: GuardEvent, reopened: (state: StepState) => StepState): NodeRun => {
  switch (event.type) {
    case 'guard.arming':
      return {
        ...run,
        guard: {
          reverts: 0,
          reverted: false,
          deadlineMs: 0,
          ...(run.guard?.step === event.step && run.guard),
          step: event.step,
          bootId: null,
        },
      };
    case 'guard.armed':
      return {
        ...run,
        guard: { step: event.step, bootId: event.bootId, deadlineMs: event.deadlineMs, reverts: event.reverts, reverted: false },
      };
    case 'guard.confirmed':
    case 'guard.disarmed': {
      const { guard: _guard, ...rest } = run;
      return rest;
    }
    case 'guard.reverted': {
      const steps = Object.entries(run.steps).map(([id, state]): [string, StepState] => [
        id,
        event.reopens.includes(id) ? reopened(state) : state,
      ]);
      const { bootId = null, deadlineMs = 0 } = run.guard ?? {};
      const guard = { step: event.step, bootId, deadlineMs, reverts: event.reverts, reverted: true };
      // one event, so that nobody goes on between the two: to try the same again without a person would end the same
      const waits = { parked: event.waitsFor, parkedAt: run.at, stuck: true, paused: false, unreachable: false };
      return { ...run, ...waits, steps: Object.fromEntries(steps), guard };
    }
  }
};
