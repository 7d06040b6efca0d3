import { clonesAmong } from '../core/clones.ts';
import { ConnectionError, DroverError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import type { Node } from '../core/node.ts';
import type { ClusterChannel, Hello, NodeMemory } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import type { NodePreview } from '../engine/preview.ts';
import { fleetHealth } from '../facts/cluster-node.ts';
import { asksKubernetes } from '../queue/health.ts';
import { planOf } from '../queue/plans.ts';
import type { Channels } from '../queue/station.ts';
import { isAnswering } from './answering.ts';
import type { Drover } from './drover.ts';
import { inParallel } from './in-parallel.ts';
import { type Move, movesOf } from './moves.ts';

const SSH_PORT = 22;
const ITSELF_MS = 20_000;
const LIST_MS = 20_000;

/** What stands between nodes rather than on one, once all of a run have been looked at. */
type Conflicts = { readonly refusals: readonly string[]; readonly warnings: readonly string[] };

/** Somebody who has an address, as a refusal goes on. */
type Claim = { readonly node: string; readonly address: string; readonly words: string };

const claimedByRun = (spec: RunSpec, moves: readonly Move[]): Claim[] => {
  const words = (node: string): string => `which ${node} has or is to get as well`;
  return [
    ...moves.map(({ node, to }) => ({ node, address: to, words: words(node) })),
    ...spec.nodes.flatMap(({ name, addresses }) => addresses.map((address) => ({ node: name, address, words: words(name) }))),
  ];
};

type Remembered = { readonly node: Node } & Awaited<ReturnType<NodeMemory['recall']>>;

const claimedByOthers = (others: readonly Remembered[]): Claim[] =>
  others.flatMap(({ node: { name, addresses }, addresses: answered }) => [
    ...addresses.map((address) => ({ node: name, address, words: `which the inventory has for ${name}` })),
    // where it answered before that it may have left
    ...answered.slice(0, 1).map((address) => ({ node: name, address, words: `where ${name} answered last` })),
  ]);

/** All Nodes of the cluster by their InternalIP. @throws ClusterError */
const claimedInCluster = async (cluster: ClusterChannel, signal: AbortSignal): Promise<Claim[]> => {
  const nodes = fleetHealth.parse(await cluster.call(fleetHealth.call, { signal, timeoutMs: LIST_MS }));
  return Object.entries(nodes).flatMap(([node, health]) =>
    health === null || health.internalIP === null
      ? []
      : [{ node, address: health.internalIP, words: `which is the InternalIP of ${node} in the cluster` }],
  );
};

const refused = (moves: readonly Move[], claims: readonly Claim[]): string[] =>
  moves.flatMap(({ node, to }) => {
    const claim = claims.find((one) => one.address === to && one.node !== node);
    return claim ? [`${node} is to move to ${to}, ${claim.words}: choose another address, or run with --exclude ${node}`] : [];
  });

/**
 * What answers at an address: undefined for the node itself (moved half-way by hand, it may have both), else in words how it differs. Nothing
 * but its identity is asked there.
 */
const strangerAt = async (
  channels: Channels,
  { node: name, to }: Move,
  { identity }: Hello,
  signal: AbortSignal,
): Promise<string | undefined> =>
  channels
    .node(name)
    .hello({ name, addresses: [to], identity }, { signal, timeoutMs: ITSELF_MS })
    .then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof ConnectionError) return error.attempts[0]?.message ?? error.message;
        throw error;
      },
    );

/** A new address at which somebody is already, while the node itself is elsewhere. */
const alreadyTaken = async (
  drover: Drover,
  spec: RunSpec,
  moves: readonly Move[],
  previews: readonly NodePreview[],
  signal: AbortSignal,
): Promise<string[]> => {
  // connections of their own: those that the looks went by are to the old addresses
  const there = 'THERE';
  try {
    const found = await inParallel(moves, async (move) => {
      const { node, to } = move;
      const hello = previews.find((one) => one.node === node)?.hello;
      if (!hello || hello.address === to || !(await isAnswering(to, spec.ssh.port ?? SSH_PORT))) return [];
      const who = await strangerAt(drover.station.channels(there, spec), move, hello, signal);
      if (who === undefined) return [];
      return [`${node} is to move to ${to}, but a machine answers there already: find out which, or choose another address (${who})`];
    });
    return found.flat();
  } finally {
    await drover.station.leave(there);
  }
};

/** All nodes of a run as they were found, and what else the inventory has. */
export type Looked = {
  readonly runbook: Runbook;
  readonly spec: RunSpec;
  readonly others: readonly Node[];
  readonly previews: readonly NodePreview[];
  readonly cluster: ClusterChannel;
};

/** Finds machines that are the same, and new addresses that somebody else has: before any node is touched. */
export const conflictsOf = async (drover: Drover, looked: Looked, signal: AbortSignal): Promise<Conflicts> => {
  const { runbook, spec, previews } = looked;
  const moves = movesOf(runbook, spec);
  const others = await inParallel(looked.others, async (node) => ({ node, ...(await drover.station.memory.recall(node.name)) }));
  const clones = clonesAmong([
    ...previews.flatMap(({ node, hello }) => (hello ? [{ node, identity: hello.identity }] : [])),
    ...others.flatMap(({ node: { name }, identity }) => (identity ? [{ node: name, identity, elsewhere: true as const }] : [])),
  ]);
  const warnings: string[] = [];
  const [first] = spec.nodes;
  const inCluster = moves.length > 0 && first !== undefined && asksKubernetes(planOf(runbook, spec, first), first);
  const listed = inCluster
    ? await claimedInCluster(looked.cluster, signal).catch((error: unknown) => {
        if (!(error instanceof Error)) throw error;
        const why = error instanceof DroverError ? error.message : `it told nothing that makes sense (${error.message})`;
        warnings.push(`whether another Node of the cluster has one of the new addresses is not known: ${why}`);
        return [];
      })
    : [];
  const claims = [...claimedByRun(spec, moves), ...claimedByOthers(others), ...listed];
  return { refusals: [...clones, ...refused(moves, claims), ...(await alreadyTaken(drover, spec, moves, previews, signal))], warnings };
};
