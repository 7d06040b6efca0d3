import { UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { type Node, RUN_STREAM, type TakeOver } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import type { Runbook } from '../core/runbook.ts';
import { CORDON_ANNOTATION, type ClusterNode, clusterNode } from '../facts/cluster-node.ts';
import { planOf } from '../queue/plans.ts';
import type { Drover } from './drover.ts';
import { movesOf } from './moves.ts';
import { dateTime } from './run-table.ts';

/** What a person gives to a run with nodes that are half-way, and in words what comes with them. */
export type Adoption = { readonly spec: RunSpec; readonly words: readonly string[] };

const LOOK_MS = 20_000;

/** How another run stands: whether it may still act, and that in words. */
const standOf = async ({ station: { journal } }: Drover, run: string): Promise<{ readonly open: boolean; readonly words: string }> => {
  const { spec, runOutcome, halted } = fold(await journal.read(run, RUN_STREAM));
  if (spec === undefined) return { open: false, words: 'which this drover has no journal of: make sure that nobody works on it' };
  if (runOutcome !== undefined) return { open: false, words: `which has ended (${runOutcome})` };
  return { open: true, words: halted === undefined ? 'which has not ended' : `which has not ended: halted, ${halted}` };
};

const endFirst = (run: string): string =>
  `drover resume ${run} goes on with it, drover cancel ${run} ends it where it is; adopt after that`;

/** What keeps a node from being taken over: a run that has not ended. */
const reservedBy = async (drover: Drover, node: string): Promise<readonly string[]> => {
  const reservation = await drover.station.leases.reservation(node);
  if (reservation === null) return [];
  const { run, by, sinceMs } = reservation;
  const { open, words } = await standOf(drover, run);
  return open ? [`${node} is in run ${run}, started by ${by} at ${dateTime(sinceMs)}, ${words}; ${endFirst(run)}`] : [];
};

type Given = { readonly takeOver?: TakeOver; readonly words: readonly string[]; readonly refusals: readonly string[] };

/** What the cordon that stands on a node becomes. */
const givenCordon = async (drover: Drover, now: ClusterNode): Promise<Given> => {
  const nothing = { words: [], refusals: [] };
  if (now === null || (now.owner === null && !now.unschedulable)) return nothing;
  const { name, owner } = now;
  if (owner === null) {
    const words = [`${name} is cordoned, not by drover: the run takes that over, and uncordons it at the end`];
    return { ...nothing, words, takeOver: { run: null, leaves: 'schedulable' } };
  }
  const { prior, run } = owner;
  if (run.startsWith('('))
    return {
      ...nothing,
      refusals: [`${name} has an annotation ${CORDON_ANNOTATION} that is not drover's ${run}: look whose it is, and remove it`],
    };
  const { open, words } = await standOf(drover, run);
  if (open) return { ...nothing, refusals: [`${name} is cordoned by run ${run}, ${words}; ${endFirst(run)}`] };
  const leaves = prior.unschedulable ? 'cordoned' : 'schedulable';
  const end = prior.unschedulable ? `leaves it cordoned, as it was before run ${run}` : 'uncordons it at the end';
  return {
    ...nothing,
    words: [`${name} is cordoned by run ${run}, ${words}: the run takes that over, and ${end}`],
    takeOver: { run, leaves },
  };
};

/** Looks at the cordons of nodes whose runbook has to do with them. */
const cordons = async (drover: Drover, runbook: Runbook, spec: RunSpec, signal: AbortSignal): Promise<ReadonlyMap<string, Given>> => {
  const id = 'ADOPT';
  const cordoning = (node: Node): boolean =>
    planOf(runbook, spec, node).items.some(({ step }) => step.means === 'cordon' || step.means === 'uncordon');
  try {
    const { cluster } = drover.station.channels(id, spec);
    const looked = spec.nodes.filter(cordoning).map(async ({ name }) => {
      const { call, parse } = clusterNode(name);
      return [name, await givenCordon(drover, parse(await cluster.call(call, { signal, timeoutMs: LOOK_MS })))] as const;
    });
    return new Map(await Promise.all(looked));
  } finally {
    await drover.station.leave(id);
  }
};

/**
 * Makes of a run one that takes over nodes as they stand: with the cordons that stand there, and at the addresses that they may have moved to.
 *
 * @throws UsageError when a node belongs to a run that has not ended
 */
export const adoption = async (drover: Drover, runbook: Runbook, spec: RunSpec, signal: AbortSignal): Promise<Adoption> => {
  const reserved = (await Promise.all(spec.nodes.map(async ({ name }) => reservedBy(drover, name)))).flat();
  if (reserved.length > 0) throw new UsageError(reserved.join('\n'));
  const found = await cordons(drover, runbook, spec, signal);
  const refusals = [...found.values()].flatMap((one) => one.refusals);
  if (refusals.length > 0) throw new UsageError(refusals.join('\n'));
  const moves = movesOf(runbook, spec);
  const nodes = spec.nodes.map((node): Node => {
    const to = moves.filter((move) => move.node === node.name).map((move) => move.to);
    const takeOver = found.get(node.name)?.takeOver;
    return { ...node, addresses: [...new Set([...node.addresses, ...to])], ...(takeOver && { takeOver }) };
  });
  return { spec: { ...spec, nodes, adopted: true }, words: [...found.values()].flatMap(({ words }) => words) };
};
