/** One of the two subnets; `a` is where nodes come from, `b` where the runbook moves them. */
export type Side = 'a' | 'b';
/** Where a machine's tap can be plugged in; `nowhere` is no network at all. */
export type Socket = Side | 'nowhere';
/** Whether the subnets are on bridges of their own, or both on one, where nobody has to move a machine. */
export type Bridges = 'two' | 'one';

/** The subnets and the lab's own address in each, which is the nodes' gateway. */
export const subnets = {
  a: { gateway: '10.77.0.1', bridge: 'brA' },
  b: { gateway: '10.77.1.1', bridge: 'brB' },
} as const;

/** Where the API server is reached from both subnets. */
export const apiServer = `https://${subnets.a.gateway}:6443`;

/** A virtual machine of the lab. */
export type Machine = {
  /** The Kubernetes node name, and the hostname. */
  readonly name: string;
  /** Counts from 1. */
  readonly index: number;
  readonly tap: string;
  readonly mac: string;
  readonly uuid: string;
};

/** The machine with this number: its identity follows from it. */
export const machine = (index: number): Machine => ({
  name: `n${index}`,
  index,
  tap: `tap${index}`,
  mac: `52:54:00:77:00:${index.toString(16).padStart(2, '0')}`,
  uuid: `7d0e5a10-77aa-4c1e-9d0f-0000000000${index.toString(16).padStart(2, '0')}`,
});

/** The machine's address on a subnet, without prefix. */
export const addressOn = (side: Side, { index }: Machine): string => `10.77.${side === 'a' ? 0 : 1}.${10 + index}`;
