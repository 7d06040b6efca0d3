import type { RunSpec } from '../core/event.ts';
import type { Runbook } from '../core/runbook.ts';
import { planOf } from '../queue/plans.ts';

/** Where one node will answer. */
export type Move = { readonly node: string; readonly to: string };

/** Where a runbook moves the nodes of a run to. */
export const movesOf = (runbook: Runbook, spec: RunSpec): readonly Move[] =>
  spec.nodes.flatMap((node) =>
    planOf(runbook, spec, node).items.flatMap(({ step }) =>
      step.kind === 'change' && step.moves ? [{ node: node.name, to: step.moves.to }] : [],
    ),
  );
