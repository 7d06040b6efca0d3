import { ConnectionError, DroverError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { type Node, runNode } from '../core/node.ts';
import type { Hello } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import { type NodePreview, preview, unreachable } from '../engine/preview.ts';
import { type Channels, worldOf } from '../queue/station.ts';
import { planAfter, planOf } from '../queue/plans.ts';
import { isAnswering } from './answering.ts';
import type { Drover } from './drover.ts';

/** How many nodes are looked at at once. */
const AT_ONCE = 12;
const SSH_PORT = 22;
const ITSELF_MS = 20_000;

/** What a look at all nodes of a run found; `refusals` is what keeps the run from beginning. */
export type Preflight = {
  readonly nodes: readonly NodePreview[];
  /** The steps that run once, as far as they can be told before. */
  readonly after: NodePreview | null;
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
};

/** Runs `work` over items, some at once, results in order. */
const inParallel = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let at = 0;
  const lane = async (): Promise<void> => {
    for (let index = at++; index < items.length; index = at++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return results;
};

const twins = (previews: readonly NodePreview[]): string[] => {
  const byMachine = Map.groupBy(
    previews.filter(({ hello }) => hello !== null),
    ({ hello }) => hello?.identity.machineId ?? '',
  );
  return [...byMachine.entries()].flatMap(([machineId, same]) =>
    same.length < 2
      ? []
      : [
          `${same.map(({ node }) => node).join(' and ')} have the same machine-id ${machineId}: they are clones, or one machine has two entries; see systemd-machine-id-setup(1)`,
        ],
  );
};

/** Where one node will answer. */
export type Move = { readonly node: string; readonly to: string };

/** Where a runbook moves the nodes of a run to. */
export const movesOf = (runbook: Runbook, spec: RunSpec): readonly Move[] =>
  spec.nodes.flatMap((node) =>
    planOf(runbook, spec, node).items.flatMap(({ step }) =>
      step.kind === 'change' && step.moves ? [{ node: node.name, to: step.moves.to }] : [],
    ),
  );

const claimedTwice = (moves: readonly Move[], spec: RunSpec): string[] => {
  const taken = spec.nodes.flatMap((node) => node.addresses.map((address) => ({ node: node.name, to: address })));
  return moves.flatMap(({ node, to }) => {
    const other = [...moves, ...taken].find((claim) => claim.to === to && claim.node !== node);
    return other ? [`${node} is to move to ${to}, which ${other.node} has or is to get as well`] : [];
  });
};

/** Whether what answers at an address is the node itself: moved half-way by hand, it may have both. Nothing but its identity is asked there. */
const isItself = async (channels: Channels, { node: name, to }: Move, { identity }: Hello, signal: AbortSignal): Promise<boolean> =>
  channels
    .node(name)
    .hello({ name, addresses: [to], identity }, { signal, timeoutMs: ITSELF_MS })
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof ConnectionError) return false;
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
      if (await isItself(drover.station.channels(there, spec), move, hello, signal)) return [];
      return [`${node} is to move to ${to}, but a machine answers there already: find out which, or choose another address`];
    });
    return found.flat();
  } finally {
    await drover.station.leave(there);
  }
};

/**
 * Looks at all nodes, read-only: what a run would do to each, and what speaks against beginning.
 *
 * One bad node refuses the whole run, so that nothing is half done for a reason that was known before.
 */
export const preflight = async (drover: Drover, runbook: Runbook, spec: RunSpec, signal: AbortSignal): Promise<Preflight> => {
  // stands where the run's id will be
  const runId = 'RUN';
  const channels = drover.station.channels(runId, spec);
  const look = async (node: Node): Promise<NodePreview> =>
    preview(worldOf(drover.station, channels, node.name), planOf(runbook, spec, node), node, runId, signal, {
      adopted: spec.adopted ?? false,
    });
  const one = async (node: Node): Promise<NodePreview> =>
    // a busy machine may miss a bound once; whoever is away the second time as well is away
    look(node)
      .catch(async (error: unknown) => {
        if (error instanceof ConnectionError && error.transient && !signal.aborted) return look(node);
        throw error;
      })
      .catch((error: unknown) => {
        if (error instanceof ConnectionError) return unreachable(node.name, error);
        throw error;
      });
  try {
    const nodes = await inParallel(spec.nodes, one);
    const plan = planAfter(runbook, spec);
    const after =
      plan.items.length === 0
        ? null
        : await preview(worldOf(drover.station, channels, null), plan, runNode, runId, signal, { afterRun: true }).catch(
            (error: unknown) => {
              if (error instanceof DroverError) return { node: runNode.name, hello: null, steps: [], refusals: [error.message] };
              throw error;
            },
          );
    const moves = movesOf(runbook, spec);
    const own = nodes.flatMap(({ node, refusals }) => refusals.map((why) => (why.startsWith(node) ? why : `${node}: ${why}`)));
    const warnings = nodes.flatMap(({ node, hello }) => {
      const listed = spec.nodes.find(({ name }) => name === node)?.addresses ?? [];
      return hello && !listed.includes(hello.address)
        ? [`${node} answers at ${hello.address}, not at ${listed.join(' or ')}: the inventory is out of date`]
        : [];
    });
    return {
      nodes,
      after,
      refusals: [
        ...new Set(own),
        ...(after?.refusals ?? []).map((why) => `after the nodes: ${why}`),
        ...twins(nodes),
        ...claimedTwice(moves, spec),
        ...(await alreadyTaken(drover, spec, moves, nodes, signal)),
      ],
      warnings,
    };
  } finally {
    await drover.station.leave(runId);
  }
};
