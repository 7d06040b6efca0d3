import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callScript } from '../../../../src/channels/ssh/script.ts';
import { MACHINE, NONCE, canMount, command, guard, text } from '../shell.ts';
import { type Box, NEW, OLD, armWords, bootOf, bootScript, call, change, described, live, makeBox, onDisk } from './box.ts';

/** Runs a shell text where /etc and /var of the node are small disks of their own; what is on them then is copied out. */
const onSmallDisks = (box: Box, sizes: { readonly etc: string; readonly state: string }, steps: string): void => {
  const { path } = box.root;
  const text = `set -e
cp -a '${path}/etc' '${path}/etc.was'; mkdir -p '${path}/var'
mount -t tmpfs -o size=${sizes.etc} tmpfs '${path}/etc'; mount -t tmpfs -o size=${sizes.state} tmpfs '${path}/var'
cp -a '${path}/etc.was/.' '${path}/etc/'
set +e
fill() { for at in etc var; do dd if=/dev/zero of='${path}'/$at/ballast bs=4k >/dev/null 2>&1; done; }
${steps}
rm -f '${path}/etc/ballast' '${path}/var/ballast'
mkdir -p '${path}/out'; cp -a '${path}/etc' '${path}/var' '${path}/out/'
umount '${path}/etc' '${path}/var'`;
  execFileSync('unshare', ['-m', 'sh', '-c', text], {
    env: { ...process.env, PATH: `${join(path, 'tools')}:${process.env['PATH'] ?? ''}` },
  });
  execFileSync('sh', ['-c', `rm -rf '${path}/etc' '${path}/var'; mv '${path}/out/etc' '${path}/out/var' '${path}/'`]);
};

const script = (box: Box, name: string, content: string): string => {
  const at = join(box.root.path, name);
  writeFileSync(at, content);
  return `sh -s <'${at}' >'${at}.out' 2>&1; echo "$?" >'${at}.code'`;
};
const armScript = (box: Box): string =>
  `DROVER_ROOT='${box.root.path}'\n${callScript(NONCE, { command: command(armWords(box)), guard: guard(99, { bootId: bootOf(box) }), machineId: MACHINE }, [])}`;

// Needs root to mount; CI runs as root.
describe.runIf(canMount)('the guard and a disk that is really full', () => {
  /** Arms, changes, fills the disks up and boots. */
  const bootFull = async (box: Box, meanwhile: string): Promise<void> => {
    const { path } = box.root;
    await call(box, 'true');
    const armedOn = bootOf(box);
    const armed = script(box, 'arm', armScript(box));
    execFileSync('cp', ['-a', join(path, 'etc'), join(path, 'etc.old')]);
    change(box);
    execFileSync('sh', ['-c', `mv '${path}/etc' '${path}/changed'; mv '${path}/etc.old' '${path}/etc'`]);
    const booted = script(box, 'boot', bootScript(box, { link: [[0, OLD.gateway]], until: 90 }));
    const bootId = join(path, 'proc/sys/kernel/random/boot_id');
    const steps = `echo '${armedOn}' >'${bootId}'
${armed}
cp -a '${path}/changed/.' '${path}/etc/'; echo '${bootOf(box)}' >'${bootId}'
${meanwhile}
fill
${booted}`;
    onSmallDisks(box, { etc: '300k', state: '400k' }, steps);
    expect(text(join(path, 'arm.out'))).toContain('end guarded 0');
    expect(text(join(path, 'boot.code'))).toBe('78\n');
  };

  test('reverts whole by the room that was kept for it', async () => {
    using box = makeBox('debian', ['sh']);
    const before = described(box);
    await bootFull(box, ':');
    expect([described(box), live(box)]).toEqual([before, OLD.address]);
  });

  test('gives the device the old address all the same where that room is gone as well', async () => {
    using box = makeBox('debian', ['sh']);
    const { path, state } = box.root;
    await bootFull(box, `rm '${state}/run-1/deadman/reboot/reserve' '${path}/etc/.drover-reserve'`);
    expect(text(join(path, 'boot.out'))).toContain('is the disk full?');
    expect([onDisk(box), live(box).split('\n')]).toEqual(['new', [NEW.address, OLD.address]]);
  });

  test('is not armed where there is no room, and then nothing guards by half', async () => {
    using box = makeBox('debian', ['sh']);
    await call(box, 'true');
    const armed = script(box, 'arm', armScript(box));
    onSmallDisks(box, { etc: '300k', state: '40k' }, armed);
    expect(text(join(box.root.path, 'arm.out'))).toContain('the guard could not be set (see above); nothing was changed');
    expect([text(join(box.root.state, 'armed')), text(join(box.root.path, 'etc/systemd/system/drover-deadman.service'))]).toEqual([
      null,
      null,
    ]);
  });
});
