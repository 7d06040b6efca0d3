import { approval, cordon, disruption, nodeReady, reboot, runbook, uncordon, z } from 'drover';
import { loadedNow } from './loaded-now.ts';
import { startsAtBoot } from './starts-at-boot.ts';

export default runbook({
  name: 'nightly',
  summary: 'Has a unit start at boot, and a module loaded.',
  version: 1,
  params: z.object({ unit: z.string().default('kubelet'), module: z.string().default('nf_conntrack') }),
  vars: z.object({}),
  rollout: { canary: 1, soak: '10m', maxUnavailable: '25%', maxFailures: 0 },
  onFailure: 'rollback',
  steps: ({ params }) => [
    approval('start', { question: 'is the maintenance announced?', within: '2h' }),
    loadedNow(params.module),
    disruption({
      open: [cordon()],
      inner: [startsAtBoot(params.unit), reboot({ within: '15m' })],
      close: [nodeReady({ within: '5m' }), uncordon()],
    }),
  ],
});
