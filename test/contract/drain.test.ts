import { apiServerGround } from './drain-api.ts';
import { drainContract } from './drain.contract.ts';
import { kubectlComparison } from './drain-kubectl.ts';
import { simulatedGround } from './drain-sim.ts';

drainContract('the simulated cluster', simulatedGround);

const assets = process.env['KUBEBUILDER_ASSETS'] ?? '';
if (assets !== '') drainContract('a real API server', () => apiServerGround(assets));
if (assets !== '') kubectlComparison(assets, () => apiServerGround(assets));
