import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type DeadmanTimes, deadmanTimes } from '../../../../src/core/deadman.ts';
import { DEADMAN_FUNCTIONS } from '../../../../src/channels/ssh/deadman-script.ts';
import { BOOT, type Ran, type Root, guarded, makeRoot, program, text } from '../shell.ts';
import { standInSystemd } from '../systemd.ts';
import { STAND_INS } from './stand-ins.ts';

const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
/** What the guard is to guard: from the first network to the second. */
export const OLD = { address: '10.77.0.11/24', gateway: '10.77.0.1' } as const;
export const NEW = { address: '10.77.1.11/24', gateway: '10.77.1.1' } as const;

/** The system that a folder looks like: where NetworkManager keeps the connection, and what else is changed. */
export type Looks = 'el8' | 'el9' | 'debian';
const keyfile = ({ address, gateway }: typeof OLD | typeof NEW): string =>
  `[connection]\nid=ens192\nuuid=${UUID}\ntype=ethernet\n\n[ipv4]\naddress1=${address},${gateway}\nmethod=manual\n`;
const ifcfg = ({ address, gateway }: typeof OLD | typeof NEW): string =>
  `TYPE=Ethernet\nBOOTPROTO=none\nNAME=ens192\nUUID=${UUID}\nIPADDR=${address.split('/')[0]}\nPREFIX=24\nGATEWAY=${gateway}\n`;
const layouts = {
  el8: { file: '/etc/sysconfig/network-scripts/ifcfg-ens192', write: ifcfg, mode: 0o644 },
  el9: { file: '/etc/NetworkManager/system-connections/ens192.nmconnection', write: keyfile, mode: 0o600 },
  debian: { file: '/etc/NetworkManager/system-connections/ens192.nmconnection', write: keyfile, mode: 0o600 },
} as const;
const MODULES = '/etc/modules-load.d/iptable_nat.conf';
const SYSCTL = '/etc/sysctl.d/90-drover.conf';

/** The shells that are on this machine. */
export const shells = ['dash', 'bash --posix', 'busybox sh']
  .map((name) => ({ name, shell: name.split(' ') }))
  .filter(({ shell: [name = '', ...words] }) => spawnSync(name, [...words, '-c', 'exit 0']).status === 0);

/** A folder that plays a node which is about to be moved. */
export type Box = {
  readonly root: Root;
  readonly looks: Looks;
  readonly shell: readonly string[];
  readonly times: DeadmanTimes;
  readonly file: string;
  boots: number;
  fence: number;
} & Disposable;

const put = (box: { readonly root: Root }, path: string, bytes: string, mode: number): void => {
  const at = join(box.root.path, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, bytes);
  chmodSync(at, mode);
};

/** The guard's times for a deadline, with turns that are short enough for a case to have many. */
export const timesOf = (deadlineMs: number): DeadmanTimes => ({ ...deadmanTimes(deadlineMs), turn: Math.max(5, deadlineMs / 3000) });

/** Makes a node whose connection and sysctl file are as they were; the guard is not armed yet. */
export const makeBox = (looks: Looks, shell: readonly string[], deadlineMs = 60_000): Box => {
  const root = makeRoot();
  const { file, write, mode } = layouts[looks];
  const box: Box = {
    root,
    looks,
    shell,
    file,
    times: timesOf(deadlineMs),
    boots: 1,
    fence: 0,
    [Symbol.dispose]: () => root[Symbol.dispose](),
  };
  put(box, file, write(OLD), mode);
  put(box, SYSCTL, 'net.ipv4.ip_forward = 1\n', 0o640);
  put(box, '/proc/uptime', '100.00 0.00\n', 0o644);
  return box;
};

/** What a change leaves on disk: the connection as nmcli writes it, one more file, one with other content. */
export const change = (box: Box): void => {
  const { write, mode } = layouts[box.looks];
  put(box, box.file, write(NEW), mode);
  put(box, MODULES, 'iptable_nat\n', 0o644);
  put(box, SYSCTL, 'net.ipv4.ip_forward = 0\n', 0o644);
};

/** Calls the node library as drover does, with stand-ins for what is not on a folder. */
export const call = async (box: Box, words: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> => {
  const tools = join(box.root.path, 'tools');
  if (!existsSync(tools)) {
    standInSystemd(box.root, tools);
    program(tools, 'systemctl', `echo "$*" >>'${box.root.path}/systemctl.log'`);
    program(tools, 'nmcli', 'exit 0');
  }
  return guarded(box.shell, box.root, (box.fence += 1), words, {
    guard: { bootId: bootOf(box) },
    env: { ...process.env, PATH: `${tools}:${process.env['PATH'] ?? ''}`, ...env },
  }).ended;
};

/** The words that arm the guard. */
export const armWords = (box: Box, source: 'run' | 'now' = 'run'): string =>
  `drover_deadman_arm reboot ${UUID} ens192 ${OLD.address} ${OLD.gateway} ${NEW.address} ${NEW.gateway} ${box.times.wait} ${box.times.moved} ${box.times.stay} ${box.times.turn} ${source} ${box.file} ${MODULES} ${SYSCTL}`;

/** Arms the guard; what came of it. */
export const arm = async (box: Box): Promise<number | undefined> => (await call(box, armWords(box))).done.get('guarded')?.exitCode;

export const bootOf = (box: Box): string => BOOT.replace(/.{4}$/, String(5554 + box.boots).padStart(4, '0'));

/** What answers on the link from an uptime on: addresses of gateways and of others. */
export type Link = readonly (readonly [from: number, ...answering: readonly string[]])[];

/** How the guard runs until the machine goes down or the time is over. */
export type Boot = {
  readonly link: Link;
  /** Seconds of uptime at which the world is left. */
  readonly until: number;
  /** Runs on without a boot: where the guard's process had ended. */
  readonly sameBoot?: true;
  /** The power goes before the write of this number. */
  readonly cut?: number;
  /** Shell text that replaces or breaks a stand-in. */
  readonly twist?: string;
};

/** What an outsider has seen: lines `UPTIME WHAT`, how it ended, and the writes it took. */
export type Watched = {
  readonly log: readonly string[];
  readonly end: 'over' | 'rebooted' | 'cut' | 'ended';
  readonly writes: number;
  readonly stderr: string;
};

/** Lays out a boot of the node, and the script that lets its guard run in it. */
export const bootScript = (box: Box, { link, until, sameBoot, cut = 0, twist = '' }: Boot): string => {
  if (!sameBoot) {
    box.boots += 1;
    put(box, '/proc/sys/kernel/random/boot_id', `${bootOf(box)}\n`, 0o644);
    put(box, '/proc/uptime', '10.00 0.00\n', 0o644);
    put(box, '/world/live', '', 0o644);
  }
  put(box, '/world/log', '', 0o644);
  put(box, '/world/writes', '0', 0o644);
  const at = link
    .toReversed()
    .map(([from, ...answering]) => `if [ "$1" -ge ${from} ]; then world_answering=' ${answering.join(' ')} '; return; fi`)
    .join('\n');
  return `DROVER_ROOT='${box.root.path}'\n${DEADMAN_FUNCTIONS}\n${STAND_INS}\nworld_end=${until} world_cut=${cut} world_file='${box.file}'
world_at() {\n${at}\n}\n${twist}\nworld_begin${sameBoot ? ' again' : ''}\ndeadman_main run-1\nexit 79\n`;
};

/** Boots the node and lets its guard run. */
export const boot = (box: Box, how: Boot): Watched => {
  const script = bootScript(box, how);
  const [name = 'sh', ...words] = box.shell;
  const ran = spawnSync(name, [...words, '-s'], { input: script, encoding: 'utf8', timeout: 60_000 });
  const ends = { 77: 'rebooted', 78: 'over', 79: 'ended' } as const;
  const end = ran.signal === 'SIGKILL' ? 'cut' : ends[ran.status === 77 ? 77 : ran.status === 78 ? 78 : 79];
  const read = (path: string): string => text(join(box.root.path, path)) ?? '';
  return { log: read('world/log').split('\n').filter(Boolean), end, writes: Number(read('world/writes')), stderr: ran.stderr };
};

/** Which configuration the files on disk are: of neither when one is not whole. */
export const onDisk = (box: Box): 'old' | 'new' | 'mixed' => {
  const is = (path: string): string | null => text(join(box.root.path, path));
  const { write } = layouts[box.looks];
  const all = [is(box.file), is(MODULES), is(SYSCTL)].join('\0');
  if (all === [write(OLD), null, 'net.ipv4.ip_forward = 1\n'].join('\0')) return 'old';
  return all === [write(NEW), 'iptable_nat\n', 'net.ipv4.ip_forward = 0\n'].join('\0') ? 'new' : 'mixed';
};

/** Path, mode, owner and hash of what belongs to the move. */
export const described = (box: Box): readonly string[] =>
  [box.file, MODULES, SYSCTL].map((path) => {
    const at = join(box.root.path, path);
    if (!existsSync(at)) return `${path} absent`;
    const { mode, uid, gid } = statSync(at);
    return `${path} ${(mode & 0o7777).toString(8)} ${uid}:${gid} ${createHash('sha256').update(readFileSync(at)).digest('hex')}`;
  });

/** The addresses that the device has. */
export const live = (box: Box): string => (text(join(box.root.path, 'world/live')) ?? '').trim();

/** The guard's own word for where it stands. */
export const place = (box: Box): string => (text(join(box.root.state, 'run-1/deadman/reboot/state')) ?? '').split(' ')[0] ?? '';

/** Temporary files that nobody removed, in the folders of the configuration. */
export const leftovers = (box: Box): readonly string[] =>
  [box.file, MODULES, SYSCTL].flatMap((path) => {
    const dir = dirname(join(box.root.path, path));
    return existsSync(dir) ? readdirSync(dir).filter((name) => name.startsWith('.')) : [];
  });
