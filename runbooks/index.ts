import type { Runbook } from '../src/core/runbook.ts';
import conntrackMax from './conntrack-max.ts';
import istioModules from './istio-modules.ts';
import migrateRunnerNode from './migrate-runner-node.ts';
import prepareLxdNode from './prepare-lxd-node.ts';

/** The runbooks that come with drover, by hand: what is not listed here does not exist. */
export const runbooks: readonly Runbook[] = [migrateRunnerNode, conntrackMax, istioModules, prepareLxdNode];
