import { conntrackMax } from './conntrack-max.ts';
import type { Incident } from './incident.ts';
import { iptablesBackend } from './iptables-backend.ts';
import { istioModules } from './istio-modules.ts';
import { migrateRunnerNode } from './migrate-runner-node.ts';
import { prepareLxdNode } from './prepare-lxd-node.ts';
import { upgradeContainerd } from './upgrade-containerd.ts';

/** The incidents that drover's own runbooks are there to prevent, at least one a runbook. */
export const incidents: readonly Incident[] = [
  migrateRunnerNode,
  upgradeContainerd,
  iptablesBackend,
  istioModules,
  prepareLxdNode,
  conntrackMax,
];
