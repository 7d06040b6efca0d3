import type { Incident } from './incident.ts';

/** Field report F3: nft or legacy, and a kernel that has no nat table for the one that iptables writes to. */
export const iptablesBackend: Incident = {
  name: 'iptables-backend',
  runbook: 'istio-modules',
  about: 'iptables of these nodes wrote to nf_tables, for which the kernel of one had no nat table: istio-init failed in every pod there.',
  nodes: [
    { name: 'worker-1', distro: 'ol8' },
    { name: 'worker-2', distro: 'ol8', lacks: ['nft_chain_nat'] },
  ],
  set: [],
  byHand: [
    { say: 'The same rules are written on both workers, as istio-init does. The first takes them:' },
    { on: 'worker-1', run: "printf '*nat\\n-A PREROUTING -p tcp -j ACCEPT\\nCOMMIT\\n' | iptables-restore" },
    { say: 'Nothing tells the other apart:' },
    { on: 'worker-2', run: 'iptables --version' },
  ],
  look: [{ on: 'worker-2', run: "printf '*nat\\n-A PREROUTING -p tcp -j ACCEPT\\nCOMMIT\\n' | iptables-restore" }],
  failure: /TABLE_ADD failed/,
  refused: /worker-2: .*has no nat table for the nf_tables backend/,
};
