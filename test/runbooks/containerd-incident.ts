import upgrade from '../../runbooks/upgrade-containerd.ts';
import { type ContainerdWorld, containerdWorld } from './containerd-world.ts';

const node = { name: 'n1', addresses: ['10.77.0.11'], labels: {}, vars: {} };
/** The steps of the runbook, with its defaults where nothing else is given. */
export const stepsOf = (given: object = {}) => upgrade.steps({ params: upgrade.params.parse(given), vars: {}, node });
const DAY = 24;
const PAST = [
  { version: '1.6.8', hoursAgo: 60 * DAY },
  { version: '1.6.14', hoursAgo: 20 * DAY },
];

/** The node of the report: pods of before and of while the bad version ran, some with a budget, a DaemonSet's, and one on the host's network. */
export const incident = (options: Partial<Parameters<typeof containerdWorld>[0]> = {}): ContainerdWorld => {
  const world = containerdWorld({ past: PAST, ...options });
  world.daemonSet('agent');
  world.daemonSet('proxy');
  world.pod({ name: 'old-1', owner: 'ReplicaSet/old', hoursAgo: 40 * DAY });
  world.pod({ name: 'web-1', owner: 'ReplicaSet/web', hoursAgo: 10 * DAY });
  world.pod({ name: 'web-2', owner: 'ReplicaSet/web', hoursAgo: 9 * DAY });
  world.pod({ name: 'db-0', owner: 'StatefulSet/db', hoursAgo: 5 * DAY });
  world.pod({ name: 'agent-1', owner: 'DaemonSet/agent', hoursAgo: 5 * DAY });
  world.pod({ name: 'proxy-1', owner: 'DaemonSet/proxy', hoursAgo: 5 * DAY, hostNetwork: true });
  world.budget('web', 'web', 1);
  return world;
};
/** Those that die at the next start of the kubelet. */
export const AFFECTED = ['agent-1', 'db-0', 'web-1', 'web-2'];
