import { gitlabRunners } from '../fleet.ts';
import type { Incident } from './incident.ts';

/** Field report F1: modules in a file that nobody reads, and a reboot that nobody looked behind. */
export const migrateRunnerNode: Incident = {
  runbook: 'migrate-runner-node',
  about: 'Modules were listed in a file that systemd does not read: behind the reboot every job with docker-in-docker failed.',
  nodes: gitlabRunners,
  set: ['gateway=127.77.1.1'],
  byHand: [
    { say: 'Somebody has put the modules that docker-in-docker needs where Debian has them:' },
    { on: 'runner-2', run: 'cat /etc/modules' },
    { on: 'runner-2', run: 'modprobe -a iptable_nat iptable_filter' },
    { say: 'They are there as long as nobody restarts the node:' },
    { on: 'runner-2', run: 'lsmod | grep iptable' },
    { on: 'runner-2', reboot: true },
  ],
  look: [{ on: 'runner-2', run: 'lsmod | grep iptable' }],
  failure: /exit code 1/,
};
