import {
  BAD_CONTAINERD,
  CONTAINERD,
  certificateTrusted,
  cordon,
  disruption,
  isDuration,
  kubeletRestarted,
  nodeReady,
  packageVersion,
  podsRestarted,
  preflight,
  restartApproved,
  runbook,
  runtimeRestarted,
  runtimeRuns,
  uncordon,
  z,
} from '../src/index.ts';

/**
 * Upgrades containerd away from a version whose pods the kubelet kills at its next start: those are restarted one by one before.
 *
 * Blast radius: one node at a time; its affected pods are evicted one after another, within their PodDisruptionBudgets, and come back on other nodes;
 * those of DaemonSets come back on the node. Pods that a good version made stay. Typical duration: 3 min a node and 1 min a pod, plus the wait
 * for approvals. Point of no return: none for the package, which goes back to the version that was there; restarted pods stay restarted.
 */
export default runbook({
  name: 'upgrade-containerd',
  summary:
    'Upgrades containerd: restarts the pods that a bad version made one by one, then the package, then proves that no pod dies of a kubelet restart.',
  version: 1,
  params: z.object({
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+\S*$/, 'is not a version like 1.6.18')
      .default('1.6.18')
      .describe('containerd to have, without what a distribution adds, e.g. 1.6.18'),
    bad: z
      .array(z.string().min(1))
      .min(1)
      .default([...BAD_CONTAINERD])
      .describe('versions whose pods die when the kubelet restarts'),
    approve: z
      .enum(['each', 'once', 'no'])
      .default('once')
      .describe('whether a person is asked before pods are restarted: before each, once a node, or not at all'),
    approvers: z.string().min(1).optional().describe('whose yes that is, in words: the owners of the shop'),
    readyWithin: z
      .string()
      .refine((text) => isDuration(text), 'is not a time like 15m')
      .default('15m')
      .describe('how long one pod may take to go, and its replacement to be Ready'),
    deleteEmptyDir: z.boolean().default(false).describe('pods with emptyDir volumes may be restarted too, which loses what is in them'),
    certificates: z
      .array(z.object({ endpoint: z.string().regex(/^\S+:\d+$/), ca: z.string().startsWith('/'), name: z.string().min(1).optional() }))
      .default([])
      .describe(
        'served certificates, and the CA files on the node that their clients use: [{"endpoint":"10.0.0.1:6443","ca":"/etc/kubernetes/pki/ca.crt"}]',
      ),
  }),
  vars: z.object({}),
  rollout: { canary: 1, soak: '5m', maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params }) => {
    const { approve, bad, deleteEmptyDir, readyWithin, version } = params;
    const by = { bad, deleteEmptyDir };
    const to = params.approvers === undefined ? {} : { to: params.approvers };
    const how = { ...by, approve, ...to, ...(isDuration(readyWithin) && { readyWithin }) };
    const certificates = params.certificates.map(({ ca, endpoint, name }) => ({ ca, endpoint, ...(name !== undefined && { name }) }));
    return [
      preflight.diskSpace(),
      preflight.runtimeReadable(version, bad),
      preflight.versionAvailable({ names: CONTAINERD, version }),
      preflight.podsRestartable(by),
      preflight.notCordonedByOthers(),
      ...certificates.map((one) => certificateTrusted(one)),
      ...(approve === 'once' ? [restartApproved(by, { ...to, within: '24h' })] : []),
      disruption({
        open: [cordon()],
        inner: [
          podsRestarted({ ...how, which: 'leaving' }),
          packageVersion({ names: CONTAINERD, version }, { unit: 'containerd', proof: runtimeRuns(version) }),
          runtimeRestarted(),
          // the proof that the version runs stands here
          podsRestarted({ ...how, which: 'staying' }),
          kubeletRestarted(by),
        ],
        close: [
          nodeReady({ within: '5m' }),
          ...certificates.map((one) => certificateTrusted(one, { suffix: 'after', within: '2m' })),
          uncordon(),
        ],
      }),
    ];
  },
});
