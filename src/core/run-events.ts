import type { NodeEvent, RunEvent } from './event.ts';
import type { NodeRun } from './reduce.ts';

/** Whether an event tells of the run as a whole. */
export const isOfRun = (event: NodeEvent): event is NodeEvent & RunEvent => event.type.startsWith('run.');

/** Folds what happened to the run as a whole, into its own stream. */
export const withRun = (run: NodeRun, event: RunEvent & { readonly at: number }): NodeRun => {
  switch (event.type) {
    case 'run.started':
      return { ...run, spec: event.spec, startedAt: event.at };
    case 'run.wave':
      return { ...run, admitted: { ...run.admitted, ...event.nodes } };
    case 'run.soaking':
      return { ...run, soakUntil: event.untilMs };
    case 'run.unhealthy':
      return { ...run, unhealthy: { ...run.unhealthy, [event.node]: { why: event.why, at: event.at } } };
    case 'run.halted': {
      // a replay may have to wait for a person before anything begins: the run has not ended then
      const { runOutcome: _runOutcome, runEndedAt: _runEndedAt, ...rest } = run;
      return { ...rest, halted: event.why, haltedAt: event.at };
    }
    case 'run.resumed': {
      const { halted: _halted, haltedAt: _haltedAt, runOutcome: _runOutcome, runEndedAt: _runEndedAt, ...rest } = run;
      return event.control === undefined ? rest : { ...rest, control: event.control, unhealthy: {} };
    }
    case 'run.finished': {
      const { halted: _halted, haltedAt: _haltedAt, ...rest } = run;
      return { ...rest, runOutcome: event.outcome, runEndedAt: event.at };
    }
    default:
      // of a newer version
      return run;
  }
};
