import type { SimNodeOptions } from '../options.ts';
import type { Incident } from './incident.ts';

/** A container in which a node can be: its host has the modules and leaves room for connections. */
export const lxdContainer = {
  virtualization: 'lxc',
  distro: 'debian12',
  host: {
    modules: ['ip_tables', 'ip6_tables', 'nf_nat', 'overlay', 'br_netfilter'],
    sysctls: { 'net/netfilter/nf_conntrack_max': '524288' },
  },
  vars: { host: 'lxd-1' },
} as const satisfies Omit<SimNodeOptions, 'name'>;

/** Field report F5: nodes that are containers, whose kernel belongs to somebody else. */
export const prepareLxdNode: Incident = {
  runbook: 'prepare-lxd-node',
  about: 'kube-proxy could not set a value that belongs to the host, and what was mended by hand was gone behind the restart.',
  nodes: [
    { name: 'k8s-1', ...lxdContainer },
    { name: 'k8s-2', ...lxdContainer },
  ],
  set: [],
  byHand: [
    { say: 'kube-proxy wants at least 131072 here, and dies where it cannot write it:' },
    { on: 'k8s-1', run: 'sysctl -w net.netfilter.nf_conntrack_max=131072' },
    { say: 'though there is nothing to do, for the host has more:' },
    { on: 'k8s-1', run: 'sysctl net.netfilter.nf_conntrack_max' },
    { say: 'What the kubelet needs is made by hand, and the container is restarted some day:' },
    { on: 'k8s-1', run: 'mount --make-shared /' },
    { on: 'k8s-1', run: 'ln -s /dev/null /dev/kmsg' },
    { on: 'k8s-1', reboot: true },
  ],
  look: [
    { on: 'k8s-1', run: 'findmnt -n -o PROPAGATION /' },
    { on: 'k8s-1', run: 'readlink /dev/kmsg' },
  ],
  failure: /private/,
};
