import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bookWorld } from '../runbooks/book-world.ts';
import { openConsole } from '../../src/sim/console.ts';
import { wallClock } from '../../src/channels/wall-clock.ts';

// What the simulator claims of the files that a container has at each boot, held against the real programs on a fixture root and in a mount namespace.

const simulated = async (command: string): Promise<string> => {
  const { world } = bookWorld({
    virtualization: 'lxc',
    distro: 'debian12',
    files: { '/etc/tmpfiles.d/kmsg.conf': 'L /dev/kmsg - - - - /dev/null\n' },
  });
  const machine = world.machines.get('n1');
  if (!machine) throw new Error('there is no machine');
  return (await openConsole(machine, wallClock, new AbortController().signal, () => undefined).typed(command)).text;
};

test('mount --make-shared is seen by findmnt as in the simulator', async () => {
  const look = 'findmnt -n -o PROPAGATION /';
  const script = `${look}; mount --make-shared /; ${look}; mount --make-private /; ${look}`;
  const real = execFileSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
  expect(real).toBe('private\nshared\nprivate\n');
  expect(await simulated(script)).toBe(real);
});

test('systemd-tmpfiles makes the link that the simulator makes, and leaves what is there', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'drover-tmpfiles-'));
  try {
    for (const folder of ['etc/tmpfiles.d', 'dev']) mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, 'etc/tmpfiles.d/kmsg.conf'), 'L /dev/kmsg - - - - /dev/null\n');
    const create = (): unknown => execFileSync('systemd-tmpfiles', [`--root=${root}`, '--create', '--prefix=/dev/kmsg'], { stdio: 'pipe' });
    create();
    create();
    expect(readlinkSync(path.join(root, 'dev/kmsg'))).toBe('/dev/null');
    expect(await simulated('readlink /dev/kmsg')).toBe('/dev/null\n');
  } finally {
    rmSync(root, { recursive: true });
  }
});
