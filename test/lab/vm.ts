import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Place, startIn } from './control-plane.ts';
import { alive, must } from './process.ts';
import { type Qmp, connectQmp } from './qmp.ts';
import type { Machine } from './topology.ts';
import { poll } from './wait.ts';

/** What a machine boots from: the image, its own disk, its seed, and the memory to go on with instead of a boot. */
export type Media = { readonly image: string; readonly disk: string; readonly seed: string; readonly memory?: string };

/** QEMU's own version: a memory image is for the version that wrote it. */
export const qemuVersion = (): Promise<string> => must('qemu-system-x86_64', ['--version']);

/** A disk that keeps only what differs from another one. */
export const overlay = (of: string, file: string): Promise<string> =>
  must('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', of, '-F', 'qcow2', file]);

/** Opens a machine's monitor. */
const control = (place: Place, { name }: Machine): Promise<Qmp> => connectQmp(path.join(place.folder, `${name}.qmp`));

const consoleLog = (place: Place, { name }: Machine): string => path.join(place.folder, 'logs', `${name}.console`);

const pidFile = (place: Place, { name }: Machine): string => path.join(place.folder, `${name}.pid`);

/** All that a machine has said on its console since the lab started. */
export const consoleText = (place: Place, machine: Machine): Promise<string> =>
  readFile(consoleLog(place, machine), 'utf8').catch(() => '');

/** How many kernels have greeted on the machine's console since the lab started; going on from memory is none. */
export const kernelStarts = async (place: Place, machine: Machine): Promise<number> =>
  (await consoleText(place, machine)).split('] Linux version ').length - 1;

const flags = (place: Place, machine: Machine, media: Media): string[] =>
  [
    `-name ${machine.name} -uuid ${machine.uuid} -machine q35 -accel tcg,thread=multi,tb-size=256 -cpu max -m 1024 -smp 1`.split(' '),
    '-display none -action shutdown=pause -device virtio-rng-pci'.split(' '),
    ['-kernel', `${media.image}/vmlinuz`, '-initrd', `${media.image}/initrd`],
    // loglevel 6 has the kernel greet on the console, which is how boots are counted
    ['-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0 loglevel=6 systemd.show_status=false mitigations=off'],
    ['-drive', `file=${media.disk},if=virtio,cache=unsafe`, '-drive', `file=${media.seed},if=virtio,format=raw,readonly=on`],
    ['-netdev', `tap,id=lan,ifname=${machine.tap},script=no,downscript=no`, '-device', `virtio-net-pci,netdev=lan,mac=${machine.mac}`],
    // what it has said before its power was cut stays
    ['-chardev', `file,id=console,path=${consoleLog(place, machine)},append=on`, '-serial', 'chardev:console'],
    ['-qmp', `unix:${place.folder}/${machine.name}.qmp,server=on,wait=off`, '-pidfile', pidFile(place, machine)],
    media.memory === undefined ? [] : ['-S', '-incoming', `exec:zstd -qdc ${media.memory}`],
  ].flat();

const status = z.object({ status: z.string() });

/** Starts a machine: it boots, or with `memory` stands still where the snapshot was taken until `goOn`. */
export const startVm = async (place: Place, machine: Machine, media: Media): Promise<void> => {
  await startIn(place, `${machine.name}.qemu`, ['qemu-system-x86_64', ...flags(place, machine, media)]);
  await poll(
    `the machine ${machine.name} (its output is ${place.folder}/logs/${machine.name}.qemu.log)`,
    { withinMs: 60_000, everyMs: 50 },
    async () => {
      await using qmp = await control(place, machine);
      return status.parse(await qmp.execute('query-status')).status === 'inmigrate' ? undefined : true;
    },
  );
};

/** Lets a machine that stands still go on. */
export const goOn = async (place: Place, machine: Machine): Promise<void> => {
  await using qmp = await control(place, machine);
  await qmp.execute('cont');
};

/** Presses the reset button. What the guest has not synced is lost, as on a real machine. */
export const resetButton = async (place: Place, machine: Machine): Promise<void> => {
  await using qmp = await control(place, machine);
  await qmp.execute('system_reset');
};

/** Presses the power button, waits until the guest has shut down, and switches the machine on again. */
export const powerCycle = async (place: Place, machine: Machine): Promise<void> => {
  await using qmp = await control(place, machine);
  await qmp.execute('system_powerdown');
  await poll(`${machine.name} shuts down`, { withinMs: 120_000 }, async () =>
    status.parse(await qmp.execute('query-status')).status === 'shutdown' ? true : undefined,
  );
  await qmp.execute('system_reset');
  await qmp.execute('cont');
};

/**
 * Pulls the plug: the machine's process is killed, and with it goes what the guest has not synced.
 *
 * What it has synced is with the kernel of this computer by then, whatever the mode of the cache: QEMU gives away what it holds at each flush.
 */
export const cutPower = async (place: Place, machine: Machine): Promise<void> => {
  const pid = Number(await readFile(pidFile(place, machine), 'utf8'));
  process.kill(pid, 'SIGKILL');
  await poll(`the process of ${machine.name} is gone`, { withinMs: 30_000, everyMs: 20 }, async () =>
    (await alive(pid)) ? undefined : true,
  );
};

/** Freezes a machine, writes its memory to a file and ends it; its disk then is as the memory knows it. */
export const freeze = async (place: Place, machine: Machine, memory: string): Promise<void> => {
  await using qmp = await control(place, machine);
  await qmp.execute('stop');
  await qmp.execute('migrate-set-parameters', { 'max-bandwidth': 10 * 2 ** 30 });
  await qmp.execute('migrate', { uri: `exec:zstd -q -3 -o ${memory}` });
  await poll(`the memory of ${machine.name}`, { withinMs: 300_000 }, async () => {
    const seen = status.parse(await qmp.execute('query-migrate')).status;
    if (seen === 'failed' || seen === 'cancelled') throw new Error(`writing it ${seen}`);
    return seen === 'completed' ? true : undefined;
  });
  await qmp.execute('quit');
};
