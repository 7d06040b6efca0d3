import type { Node } from './node.ts';
import type { Rollout } from './rollout.ts';
import type { Disruption, Step } from './step.ts';

/** A zod object: it makes the flags, the form, the JSON Schema and the errors. */
export type Schema<T> = { parse(input: unknown): T };

/** A typed list of steps with what it needs to know: one value a run (`params`), one value a node (`vars`). */
export interface Runbook<P = unknown, V = unknown> {
  readonly name: string;
  /** One sentence for `drover --help` and the plan. */
  readonly summary: string;
  /** Raise it when a step changes meaning. */
  readonly version: number;
  readonly params: Schema<P>;
  readonly vars: Schema<V>;
  readonly rollout: Rollout;
  /** `pause` leaves a failed node as it is, for a person; `rollback` takes it back by itself. */
  readonly onFailure: 'rollback' | 'pause';
  steps(input: { readonly params: P; readonly vars: V; readonly node: Node }): readonly (Step | Disruption)[];
  /** Once a run that changed something, when all nodes are as wished. */
  afterRun?(params: P): readonly Step[];
}

/** Declares a runbook; a file in `runbooks/` exports one as its default. */
export const runbook = <P, V>(definition: Runbook<P, V>): Runbook<P, V> => definition;
