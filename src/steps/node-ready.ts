import type { Duration } from '../core/duration.ts';
import { bareAddress } from '../core/ipv4.ts';
import { type Gate, gate } from '../core/step.ts';
import { bootId } from '../facts/boot.ts';
import { type NodeHealth, nodeHealth } from '../facts/cluster-node.ts';

type State = { readonly bootId: string; readonly cluster: NodeHealth };

const stale = (now: State): readonly string[] => {
  if (now.cluster === null) return ['the cluster has no such Node'];
  return [
    ...(now.cluster.ready === 'True' ? [] : [`Ready is ${now.cluster.ready}`]),
    // after a kubelet stops, Ready stays True for 40 s and more: only the boot id tells old news from new
    ...(now.cluster.bootId === now.bootId ? [] : ['the cluster has not heard from this boot yet']),
  ];
};

/**
 * The cluster sees the node Ready, from this boot, and at the wished address.
 *
 * All three are compared: each has been seen to be right while another was old. `address` may carry a prefix, which does not count.
 */
export const nodeReady = ({ within, address }: { readonly within: Duration; readonly address?: string }): Gate => {
  const wished = address === undefined ? undefined : bareAddress(address);
  const at = (now: State, ip: string | null | undefined): readonly string[] =>
    now.cluster === null || ip === undefined || ip === null || now.cluster.internalIP === ip
      ? []
      : [`its InternalIP is ${now.cluster.internalIP ?? 'not known'}, not ${ip}`];
  return gate<State>({
    id: 'node-ready',
    title: wished === undefined ? 'Ready in the cluster' : `Ready in the cluster at ${wished}`,
    wish: { address: wished ?? null },
    within,
    means: 'ready',
    observe: (ctx) => ({ all: { bootId: bootId(), cluster: nodeHealth(ctx.node.name) } }),
    unmet: (now) => [...stale(now), ...at(now, wished)],
    restored: (now, before) => (before.cluster === null ? [] : [...stale(now), ...at(now, before.cluster.internalIP)]),
  });
};
