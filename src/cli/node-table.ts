import type { Identity, Node } from '../core/node.ts';
import { table } from '../words/text.ts';

/** What is known of a node besides the inventory. */
export type NodeKnown = {
  readonly node: Node;
  /** Where it answered before, latest first. */
  readonly addresses: readonly string[];
  readonly identity: Identity | null;
  /** The run that has it, or who holds it; null when it is free. */
  readonly taken: string | null;
};

/** Whether the inventory does not know where the node answered last: the file is out of date. */
export const isOutOfDate = ({ node, addresses }: NodeKnown): boolean => {
  const [last] = addresses;
  return last !== undefined && !node.addresses.includes(last);
};

/** The inventory as lines of a table, with a heading, and a line for each entry that is out of date. */
export const nodeTable = (nodes: readonly NodeKnown[], file: string): readonly string[] => [
  ...table([
    ['NODE', 'ADDRESS', 'LABELS', 'ANSWERED AT', 'MACHINE', 'TAKEN BY'],
    ...nodes.map(({ node, addresses, identity, taken }) => [
      node.name,
      node.addresses.join(','),
      Object.entries(node.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(',') || '-',
      addresses[0] ?? '-',
      identity?.machineId ?? '-',
      taken ?? '-',
    ]),
  ]),
  ...nodes
    .filter(isOutOfDate)
    .map(
      ({ node, addresses }) =>
        `! ${file} is out of date: ${node.name} answers at ${addresses[0]}, the file has ${node.addresses.join(', ')}`,
    ),
];
