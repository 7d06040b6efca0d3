import {
  type Step,
  type SysctlWishes,
  atBoot,
  bootScript,
  cordon,
  disruption,
  drain,
  file,
  mountShared,
  nodeReady,
  pathThere,
  preflight,
  reboot,
  runbook,
  uncordon,
  z,
} from '../src/index.ts';

const SHARED = 'mount --make-shared /';
const KMSG = '/etc/tmpfiles.d/kmsg.conf';

/**
 * Prepares a container of LXD to be a Kubernetes node: what its host has to have is checked, then the two files of each boot, one restart, proven after it.
 *
 * Blast radius: one canary, then two containers at a time; with joined=yes each is cordoned and drained first. The host is never touched: what is
 * missing there is said with the command, and refuses the run. Typical duration: 1 min a container. Point of no return: none, as long as the
 * snapshots on the node are there (drover forget removes them).
 */
export default runbook({
  name: 'prepare-lxd-node',
  summary: 'Prepares a container of LXD to be a Kubernetes node: checks what its host has, writes the files of each boot, proves them.',
  version: 1,
  params: z.object({
    modules: z
      .array(z.string().min(1))
      .min(1)
      .default(['ip_tables', 'ip6_tables', 'nf_nat', 'overlay', 'br_netfilter'])
      .describe('kernel modules that the host has to load (linux.kernel_modules of its profile)'),
    conntrackMax: z
      .number()
      .int()
      .min(1024)
      .default(131_072)
      .describe('the least that the host has to allow as net.netfilter.nf_conntrack_max; kube-proxy asks for it'),
    bootScript: z
      .enum(['/etc/rc.local', '/etc/rc.d/rc.local'])
      .default('/etc/rc.local')
      .describe('the script that rc-local.service runs at boot; /etc/rc.d/rc.local on EL'),
    joined: z
      .enum(['no', 'yes'])
      .default('no')
      .describe('whether the container is a node of the cluster already, to be cordoned and drained'),
  }),
  vars: z.object({ host: z.string().min(1).describe('the LXD host that it runs on, as people call it') }),
  rollout: { canary: 1, soak: '1m', maxUnavailable: 2, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params, vars: { host } }) => {
    const sysctls: SysctlWishes = { 'net.netfilter.nf_conntrack_max': { atLeast: params.conntrackMax } };
    const joined = params.joined === 'yes';
    const emptied = { ignoreDaemonSets: true, deleteEmptyDir: true } as const;
    const inner: readonly Step[] = [
      // the kubelet needs / shared, for mounts that pods pass on
      atBoot(bootScript(SHARED, { file: params.bootScript }), mountShared('/')),
      // and something at /dev/kmsg, which a container does not have
      atBoot(file(KMSG, { content: 'L /dev/kmsg - - - - /dev/null\n' }), pathThere('/dev/kmsg')),
      reboot({ within: '10m' }),
    ];
    return [
      preflight.diskSpace(),
      preflight.container(['lxc']),
      preflight.onHost({ host, modules: params.modules, sysctls }),
      preflight.bootScript(SHARED, { file: params.bootScript }),
      ...(joined
        ? [
            preflight.notCordonedByOthers(),
            preflight.drainable(emptied),
            disruption({ open: [cordon(), drain(emptied)], inner, close: [nodeReady({ within: '5m' }), uncordon()] }),
          ]
        : inner),
    ];
  },
});
