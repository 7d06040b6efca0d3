import { disruption, file, preflight, runbook, service, z } from '../../src/index.ts';

/** What a node of the bench goes through: a gate, then four files while the kubelet stands still. No reboot, and nothing of Kubernetes. */
export default runbook({
  name: 'restart-kubelet',
  summary: 'Writes four files and restarts the kubelet.',
  version: 1,
  params: z.object({}),
  vars: z.looseObject({}),
  rollout: { canary: 0, maxUnavailable: 100, maxFailures: 0 },
  onFailure: 'pause',
  steps: () => [
    preflight.diskSpace(),
    disruption({
      open: [service.stopped('kubelet')],
      inner: [1, 2, 3, 4].map((index) => file(`/etc/bench/file-${index}`, { content: `line of file ${index}\n`.repeat(20) })),
      close: [service.running('kubelet')],
    }),
  ],
});
