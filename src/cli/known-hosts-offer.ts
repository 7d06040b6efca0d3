import { count } from '../core/count.ts';
import type { RunSpec } from '../core/event.ts';
import type { NodeRun } from '../core/reduce.ts';
import type { Cli } from './context.ts';

/** Nodes that a run has confirmed at an address that the inventory does not have, with the host key that they showed. */
const moved = (
  spec: RunSpec,
  nodes: Readonly<Record<string, NodeRun>>,
): readonly { readonly name: string; readonly address: string; readonly print: string }[] =>
  spec.nodes.flatMap(({ name, addresses }) => {
    const { address, identity, outcome } = nodes[name] ?? {};
    if (outcome !== 'succeeded' || address === undefined || identity === undefined || addresses.includes(address)) return [];
    return [{ name, address, print: identity.hostKey }];
  });

/** One line that offers what ssh would ask about: the new addresses of moved nodes that known_hosts does not have. Nothing is written. */
export const knownHostsOffer = async (
  cli: Cli,
  runId: string,
  spec: RunSpec,
  nodes: Readonly<Record<string, NodeRun>>,
): Promise<readonly string[]> => {
  const there = moved(spec, nodes);
  if (there.length === 0) return [];
  // reads ssh_config and known_hosts, which a run that moved nothing need not wait for
  const { isKnownAt } = await import('../channels/ssh/known-hosts-entry.ts');
  const login = { settings: spec.ssh, home: cli.home, agent: undefined };
  const known = await Promise.all(there.map(({ name, address, print }) => isKnownAt(login, name, address, print)));
  const unknown = there.filter((_, index) => known[index] === false);
  const [first] = unknown;
  if (first === undefined) return [];
  const who = unknown.length === 1 ? `${first.name} at ${first.address}` : `${count(unknown.length, 'node')} at their new addresses`;
  return [`known_hosts does not have ${who}: drover known-hosts ${runId} prints what to add, --write adds it`];
};
