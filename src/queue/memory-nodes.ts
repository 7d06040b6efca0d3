import type { NodeMemory } from '../core/ports.ts';

/** What is known of nodes, as long as the process lives. */
export const memoryOfNodes = (): NodeMemory => {
  const known = new Map<string, Awaited<ReturnType<NodeMemory['recall']>>>();
  const nothing = { addresses: [], identity: null };
  return {
    recall: async (node) => known.get(node) ?? nothing,
    remember: async (node, { address, identity }) => {
      const old = known.get(node) ?? nothing;
      const addresses = address === undefined ? old.addresses : [address, ...old.addresses.filter((one) => one !== address)];
      known.set(node, { addresses, identity: identity ?? old.identity });
    },
  };
};
