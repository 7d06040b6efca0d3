import type { Incident } from './incident.ts';

const KEY = 'net.netfilter.nf_conntrack_max';
const files = { '/etc/sysctl.conf': `${KEY} = 2097152\n` };

/** Field report F6: a value that is set before the key exists. */
export const conntrackMax: Incident = {
  runbook: 'conntrack-max',
  about: 'A sysctl was set before the module that brings it was loaded: behind each boot the connection table was as small as ever.',
  nodes: [
    { name: 'docker-1', distro: 'el7', files },
    { name: 'docker-2', distro: 'el7', files },
  ],
  set: ['max=2097152'],
  byHand: [
    { say: 'Somebody has written the size of the table into sysctl.conf, which systemd reads by a link, and put it in force:' },
    { on: 'docker-1', run: 'cat /etc/sysctl.conf; sysctl -p' },
    { on: 'docker-1', run: `sysctl ${KEY}` },
    { say: 'At the boot systemd-sysctl finds no such key, and docker loads nf_conntrack later:' },
    { on: 'docker-1', reboot: true },
  ],
  look: [{ on: 'docker-1', run: `lsmod | grep -w '^nf_conntrack'; sysctl ${KEY}` }],
  failure: /nf_conntrack_max = 65536/,
};
