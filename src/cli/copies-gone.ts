import { ConnectionError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import type { Node } from '../core/node.ts';
import type { Drover } from './drover.ts';
import { reachNode } from './reach-node.ts';
import { keptFiles } from './traces.ts';
import type { StepBack } from './way-back.ts';

/** The files that an action puts back from the copies that a run keeps on the node. */
export const restoredFiles = (action: string): readonly string[] =>
  [...action.matchAll(/\bdrover_restore ((?:'[^']*'|[^\s;&|'])+)/g)].map((match) => (match[1] ?? '').replaceAll("'", ''));

/** Where the copies are that a way back puts back, behind a semicolon; nothing where it needs none. */
export const copiesAt = (runId: string, steps: readonly StepBack[]): string =>
  steps.some(({ actions }) => actions.some((action) => restoredFiles(action).length > 0))
    ? `; the files as they were are on the node under /var/lib/drover/${runId}/files, each with its path beside it`
    : '';

/**
 * The files that a way back would put back although the node keeps no copy of them any more, because somebody forgot it there.
 *
 * A node that cannot be reached now may have them: whoever goes back looks again.
 */
export const copiesGone = async (
  drover: Drover,
  { runId, spec, node }: { readonly runId: string; readonly spec: RunSpec; readonly node: Node },
  steps: readonly StepBack[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const wanted = steps.flatMap(({ actions }) => actions.flatMap(restoredFiles));
  if (wanted.length === 0) return [];
  const { station } = drover;
  const channels = station.channels(runId, spec);
  try {
    await reachNode(channels, station.memory, node, signal);
    const kept = await keptFiles(channels.node(node.name), runId, signal);
    return kept ? wanted.filter((path) => !kept.includes(path)) : [];
  } catch (error) {
    if (error instanceof ConnectionError) return [];
    throw error;
  }
};
