import {
  cordon,
  daemonSets,
  disruption,
  drain,
  kernelModules,
  moduleLoader,
  nodeReady,
  preflight,
  reboot,
  runbook,
  uncordon,
  z,
} from '../src/index.ts';

const FILE = '/etc/modules-load.d/istio.conf';
const moduleName = z.string().regex(/^\w[\w-]*$/, 'is not the name of a module');
const objectName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is not a name that Kubernetes takes');

/** Without these istio-init cannot write its rules. */
const required = [
  'br_netfilter',
  'iptable_mangle',
  'iptable_nat',
  'iptable_raw',
  'xt_REDIRECT',
  'xt_connmark',
  'xt_conntrack',
  'xt_mark',
  'xt_owner',
];
/** Those of IPv6, and those that kernels have built in, or have merged into others. */
const optional = [
  'ip6table_mangle',
  'ip6table_nat',
  'ip6table_raw',
  'xt_tcpudp',
  'bridge',
  'ip6_tables',
  'ip_tables',
  'nf_conntrack',
  'nf_conntrack_ipv4',
  'nf_conntrack_ipv6',
  'nf_nat',
  'nf_nat_ipv4',
  'nf_nat_ipv6',
  'nf_nat_redirect',
  'x_tables',
];

/**
 * Loads the kernel modules that Istio needs at boot, those that a kernel has, and proves them on the new boot; on request, for nodes that do not exist yet.
 *
 * Blast radius: one canary, then one node at a time; each is cordoned, drained (unless drain=no) and rebooted once. With daemonSet=apply, at the end, a
 * privileged DaemonSet on all nodes of the cluster. Typical duration: 4 min a node, plus its drain. Point of no return: none, as long as the snapshots
 * on the node are there (drover forget removes them); a rollback of the run removes the DaemonSet.
 */
export default runbook({
  name: 'istio-modules',
  summary: 'Loads the kernel modules that Istio needs, those that each kernel has, proven on the new boot.',
  version: 1,
  params: z.object({
    required: z.array(moduleName).min(1).default(required).describe('modules without which a node is refused'),
    optional: z.array(moduleName).default(optional).describe('modules that are loaded where the kernel has them'),
    iptables: z
      .enum(['either', 'nf_tables', 'legacy', 'unchecked'])
      .default('either')
      .describe('the backend that iptables of a node has to have; or unchecked'),
    drain: z.enum(['yes', 'no']).default('yes').describe('whether the pods of a node are evicted before its reboot'),
    daemonSet: z
      .enum(['none', 'apply'])
      .default('none')
      .describe('whether a DaemonSet loads them as well, for nodes that an autoscaler adds later'),
    namespace: objectName.default('kube-system').describe('namespace of that DaemonSet'),
    image: z
      .string()
      .regex(/^\S+$/)
      .default('docker.io/library/busybox:1.36')
      .describe('image of its pods, for all processors: it needs sh and chroot'),
  }),
  vars: z.object({}),
  rollout: { canary: 1, soak: '5m', maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params }) => {
    const emptied = { ignoreDaemonSets: true, deleteEmptyDir: true } as const;
    return [
      preflight.diskSpace(),
      preflight.notContainer(),
      preflight.modulesExist(params.required),
      preflight.notBlacklisted([...params.required, ...params.optional]),
      ...(params.iptables === 'unchecked' ? [] : [preflight.iptablesBackend(params.iptables)]),
      preflight.notCordonedByOthers(),
      ...(params.drain === 'yes' ? [preflight.drainable(emptied)] : []),
      disruption({
        open: [cordon(), ...(params.drain === 'yes' ? [drain(emptied)] : [])],
        inner: [
          kernelModules(params.required, { file: FILE, optional: params.optional }),
          reboot({ within: '30m' }),
          // the proof runs here, on the new boot: each module that this kernel has is loaded or built in
        ],
        close: [nodeReady({ within: '5m' }), uncordon()],
      }),
    ];
  },
  afterRun: ({ daemonSet, namespace, image, required: needed, optional: others }) => {
    if (daemonSet === 'none') return [];
    const set = { namespace, name: 'drover-istio-modules' };
    return [moduleLoader({ ...set, image, required: needed, optional: others }), daemonSets.ready(set, { within: '5m' })];
  },
});
