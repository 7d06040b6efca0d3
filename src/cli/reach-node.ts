import { type Hello, type NodeMemory, type Target } from '../core/ports.ts';
import type { Node } from '../core/node.ts';
import type { Channels } from '../queue/station.ts';

/** How long one node may take to answer. */
const HELLO_MS = 20_000;

/** Where to look for a node, and who it must be: what answered before comes first, then the inventory. */
export const targetOf = async (memory: NodeMemory, node: Node): Promise<Target> => {
  const { addresses, identity } = await memory.recall(node.name);
  return { name: node.name, addresses: [...new Set([...addresses, ...node.addresses])], identity };
};

/** Connects to a node and tells who answers. @throws ConnectionError */
export const reachNode = async (channels: Channels, memory: NodeMemory, node: Node, signal: AbortSignal): Promise<Hello> =>
  channels.node(node.name).hello(await targetOf(memory, node), { signal, timeoutMs: HELLO_MS });
