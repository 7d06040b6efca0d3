import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Lab } from './lab.ts';
import { say } from './log.ts';
import { daemon, inNetns, must, tied } from './process.ts';
import { subnets } from './topology.ts';
import { poll } from './wait.ts';

/** Another machine, at an address of side b: an sshd with a host key of its own that would let drover in. */
export type Stranger = {
  /** All that it has written down of who came and how far they got. */
  log(): Promise<string>;
  leave(): Promise<void>;
};

/** Puts a stranger at an address. */
export const placeStranger = async ({ place, account }: Lab, address: string): Promise<Stranger> => {
  const key = path.join(place.folder, 'stranger');
  const log = path.join(place.folder, 'logs', 'stranger.log');
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'stranger', '-f', key]);
  const options = {
    ListenAddress: address,
    HostKey: key,
    PidFile: 'none',
    StrictModes: 'no',
    AuthorizedKeysFile: path.join(account.env['HOME'] ?? '', '.ssh/id_ed25519.pub'),
    LogLevel: 'DEBUG1',
  };
  await must('ip', ['-n', place.netns, 'address', 'add', `${address}/32`, 'dev', subnets.b.bridge]);
  const words = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  // -D: its own process is the one that listens; -f none of the computer's own settings
  const { pid } = await daemon(inNetns(place.netns, tied(['/usr/sbin/sshd', '-D', '-e', '-f', '/dev/null', ...words])), log);
  const read = (): Promise<string> => readFile(log, 'utf8');
  await poll('the stranger listens', { withinMs: 10_000, everyMs: 50 }, async () =>
    (await read()).includes('Server listening') ? true : undefined,
  );
  say(`a stranger answers at ${address}`);
  return {
    log: read,
    leave: async () => {
      process.kill(pid, 'SIGKILL');
      await must('ip', ['-n', place.netns, 'address', 'del', `${address}/32`, 'dev', subnets.b.bridge]);
      say(`the stranger at ${address} is gone`);
    },
  };
};
