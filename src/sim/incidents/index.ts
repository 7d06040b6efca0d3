import type { Incident } from './incident.ts';
import { migrateRunnerNode } from './migrate-runner-node.ts';
import { upgradeContainerd } from './upgrade-containerd.ts';

/** The incidents that drover's own runbooks are there to prevent, one a runbook. */
export const incidents: readonly Incident[] = [migrateRunnerNode, upgradeContainerd];
