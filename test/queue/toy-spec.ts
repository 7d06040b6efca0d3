import { type RunSpec, noSshSettings } from '../../src/core/event.ts';

/** A run of toys, one at a time and without canaries. */
export const toySpec = (names: readonly string[]): RunSpec => ({
  runbook: 'toy',
  version: 1,
  params: {},
  nodes: names.map((name) => ({ name, addresses: ['10.0.0.1'], labels: {}, vars: {} })),
  onFailure: 'pause',
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0 },
  cluster: { context: null },
  ssh: noSshSettings,
});
