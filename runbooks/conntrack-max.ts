import { type SysctlWishes, cordon, disruption, drain, nodeReady, preflight, reboot, runbook, sysctl, uncordon, z } from '../src/index.ts';

const KEY = 'net.netfilter.nf_conntrack_max';
const loader = z.enum(['modules-load.d', 'el7']);

/** The file that loads nf_conntrack before systemd-sysctl runs, in the two ways there are. */
const loadedBy = {
  'modules-load.d': '/etc/modules-load.d/nf_conntrack.conf',
  el7: '/etc/sysconfig/modules/nf_conntrack.modules',
} as const;

/**
 * Raises the size of the connection tracking table so that it survives a boot: the module first, then the value, proven on the new boot.
 *
 * Blast radius: one canary, then one node at a time; each is cordoned, drained (unless drain=no) and rebooted once. Typical duration: 4 min a node, plus
 * its drain. Point of no return: none, as long as the snapshots on the node are there (drover forget removes them).
 */
export default runbook({
  name: 'conntrack-max',
  summary: 'Raises nf_conntrack_max so that it survives a boot: its module early, one reboot, proven on the new boot.',
  version: 1,
  params: z.object({
    max: z.number().int().min(1024).max(2_147_483_647).default(2_097_152).describe('entries of the connection tracking table'),
    rule: z
      .enum(['atLeast', 'exactly'])
      .default('atLeast')
      .describe('whether a higher value is as good (kube-proxy sets one that grows with the cores)'),
    loader: loader
      .default('modules-load.d')
      .describe('who loads nf_conntrack early: systemd, or on EL7 a script of /etc/sysconfig/modules'),
    file: z
      .string()
      .regex(/^\/etc\/sysctl\.d\/[^/]+\.conf$/, 'is not a file like /etc/sysctl.d/NAME.conf')
      .default('/etc/sysctl.d/99-nf_conntrack.conf')
      .describe('the file that sets the value'),
    drain: z.enum(['yes', 'no']).default('yes').describe('whether the pods of a node are evicted before its reboot'),
  }),
  vars: z.object({ loader: loader.optional().describe('who loads nf_conntrack early, for this node') }),
  rollout: { canary: 1, soak: '5m', maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params, vars }) => {
    const wishes: SysctlWishes = { [KEY]: params.rule === 'exactly' ? { exactly: params.max } : { atLeast: params.max } };
    const by = vars.loader ?? params.loader;
    const emptied = { ignoreDaemonSets: true, deleteEmptyDir: true } as const;
    return [
      preflight.diskSpace(),
      preflight.notContainer(),
      preflight.modulesExist(['nf_conntrack']),
      preflight.notBlacklisted(['nf_conntrack']),
      ...(by === 'el7' ? [preflight.moduleScriptsRun()] : []),
      preflight.sysctlEffective(wishes, { file: params.file }),
      preflight.notCordonedByOthers(),
      ...(params.drain === 'yes' ? [preflight.drainable(emptied)] : []),
      disruption({
        open: [cordon(), ...(params.drain === 'yes' ? [drain(emptied)] : [])],
        inner: [
          ...sysctl(wishes, { file: params.file, modules: loadedBy[by] }),
          reboot({ within: '30m' }),
          // the proofs run here, on the new boot: nf_conntrack loaded, and the value as wished
        ],
        close: [nodeReady({ within: '5m' }), uncordon()],
      }),
    ];
  },
});
