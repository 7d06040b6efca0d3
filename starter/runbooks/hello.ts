import { cordon, disruption, file, kernelModules, nodeReady, preflight, reboot, runbook, uncordon, z } from 'drover';

/** A first runbook: has nodes load kernel modules at boot, and proves on the next boot that they do. Change it, then `npm test`. */
export default runbook({
  name: 'hello',
  summary: 'Loads kernel modules at boot, proven on the next one, and greets who logs in.',
  version: 1,
  // once a run: drover run hello --set modules=iptable_nat,overlay
  params: z.object({
    modules: z.array(z.string().min(1)).min(1).default(['iptable_nat']).describe('kernel modules to load at boot'),
    greeting: z.string().default('drover looks after this node').describe('the line that people see when they log in'),
  }),
  // once a node: vars in fleet.yaml
  vars: z.object({}),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  // each step says what should be so; what is so already is skipped, and a rollback puts back what was there
  steps: ({ params, node }) => [
    preflight.modulesExist(params.modules),
    file('/etc/motd.d/drover', { content: `${node.name}: ${params.greeting}\n` }),
    disruption({
      open: [cordon()],
      inner: [
        kernelModules(params.modules, { file: '/etc/modules-load.d/hello.conf' }),
        reboot({ within: '15m' }),
        // the proof of kernelModules is asked here, on the new boot
      ],
      close: [nodeReady({ within: '5m' }), uncordon()],
    }),
  ],
});
