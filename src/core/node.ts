import type { Json } from './json.ts';

/** A machine of the inventory, as a run froze it. */
export type Node = {
  /** The Kubernetes node name, and the name under which its ssh host key is known. */
  readonly name: string;
  /** All addresses that may answer, best first. */
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Per-node values from the inventory; a runbook's `vars` schema types them. */
  readonly vars: Readonly<Record<string, Json>>;
  /** A person gave the cordon that stood on the node to the run. */
  readonly takeOver?: TakeOver;
};

/** Whose cordon a run takes over (null: it was none of drover's), and how the node is left when the run gives it back. */
export type TakeOver = { readonly run: string | null; readonly leaves: 'schedulable' | 'cordoned' };

/** The name of the journal stream for what happens once a run; no node may be called so. */
export const RUN_STREAM = '@run';

/** Stands in for a node where a step runs once for the run: there is no ssh. */
export const runNode: Node = { name: RUN_STREAM, addresses: [], labels: {}, vars: {} };

/**
 * Who a machine is, as it told over a connection whose host key was checked.
 *
 * `hostKey` is `SHA256:…` as ssh-keygen(1) prints it; `machineId` is machine-id(5); `productUuid` is null where the firmware tells none.
 */
export type Identity = { readonly hostKey: string; readonly machineId: string; readonly productUuid: string | null };
