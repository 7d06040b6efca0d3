import type { Incident } from './incident.ts';

const byHandLoaded =
  'br_netfilter ip6table_mangle ip6table_nat ip6table_raw iptable_mangle iptable_nat iptable_raw xt_REDIRECT xt_connmark xt_conntrack xt_mark xt_owner xt_tcpudp bridge ip6_tables ip_tables nf_conntrack nf_conntrack_ipv4 nf_conntrack_ipv6 nf_nat nf_nat_ipv4 nf_nat_ipv6 nf_nat_redirect x_tables';

/** Field report F4: managed workers without the modules that Istio needs. */
export const istioModules: Incident = {
  runbook: 'istio-modules',
  about:
    'Workers came without the modules that Istio needs: istio-init could not write its rules, and what was loaded by hand was gone with the next boot.',
  nodes: [
    { name: 'worker-1', distro: 'ol8', arch: 'arm64' },
    { name: 'worker-2', distro: 'ol8', arch: 'arm64' },
  ],
  set: ['daemonSet=apply'],
  prepare: (sim) => {
    for (const node of ['worker-1', 'worker-2'])
      sim.api.addPod({ namespace: 'istio-system', name: `ingress-${node}`, node, owner: 'DaemonSet/ingress', needsTable: 'nat' });
    sim.api.addDaemonSet('istio-system', 'ingress');
  },
  byHand: [
    { say: 'Somebody loads by hand what the documentation of Istio lists; some names are not there on this kernel:' },
    { on: 'worker-1', run: `uname -rm; modprobe -a ${byHandLoaded}` },
    { on: 'worker-1', run: 'lsmod | grep iptable' },
    { say: 'All is well until the worker restarts:' },
    { on: 'worker-1', reboot: true },
  ],
  look: [{ pods: 'worker-1' }, { on: 'worker-1', run: 'crictl logs istio-init' }],
  failure: /unable to initialize table 'nat'/,
};
