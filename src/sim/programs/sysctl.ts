import { normalise } from '../node/files.ts';
import { applySysctls, setSysctl, sysctlPath, sysctlPaths, sysctlValue } from '../node/sysctl.ts';
import { readText } from '../node/view.ts';
import { type Call, type Program, options } from './program.ts';

const named = (path: string): string => path.replace(/[./]/g, (found) => (found === '/' ? '.' : '/'));

/** One key shown, or set where there is a value; the exit code. */
const one = (call: Call, key: string, value: string | undefined, flags: ReadonlyMap<string, unknown>): number => {
  const path = sysctlPath(key);
  const problem =
    value === undefined ? (sysctlValue(call.machine, path) === undefined ? 'none' : undefined) : setSysctl(call.machine, path, value);
  if (problem === 'Invalid argument') {
    call.err(`sysctl: setting key "${key}": Invalid argument\n`);
    return 1;
  }
  if (problem === 'Permission denied') {
    call.err(`sysctl: permission denied on key "${key}"\n`);
    return 255;
  }
  if (problem !== undefined) {
    if (flags.has('-e')) return 0;
    call.err(`sysctl: cannot stat /proc/sys/${path}: No such file or directory\n`);
    // procps 3, which EL7 and EL8 have, ends with 255
    return call.machine.distro === 'debian12' ? 1 : 255;
  }
  const now = sysctlValue(call.machine, path) ?? '';
  if (!flags.has('-q')) call.out(flags.has('-n') ? `${now}\n` : `${named(path)} = ${now}\n`);
  return 0;
};

const fromFile = (call: Call, path: string, flags: ReadonlyMap<string, unknown>): number => {
  const read = readText(call.machine, normalise(path), call.user, call.now());
  if ('error' in read) {
    call.err(`sysctl: cannot open "${path}": ${read.error}\n`);
    return 255;
  }
  let status = 0;
  for (const line of read.text.split('\n')) {
    const [, minus = '', key = '', value = ''] = /^\s*(-?)\s*([^#;\s=][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key !== '') status = one(call, key, value, minus === '' ? flags : new Map<string, unknown>([...flags, ['-e', '']])) || status;
  }
  return status;
};

/** sysctl(8): shows and sets keys; -n, -q, -e, -w, -a, -p [FILE]. Messages as procps 4.0.2 gives them. */
export const sysctl: Program = (call) => {
  const { flags, rest } = options(call.args);
  if (call.user !== 'root' && rest.some((word) => word.includes('='))) {
    call.err(`sysctl: permission denied on key "${rest[0]?.split('=')[0] ?? ''}"\n`);
    return 255;
  }
  if (flags.has('--system')) {
    applySysctls(call.machine);
    return fromFile(call, '/etc/sysctl.conf', new Map<string, unknown>([...flags, ['-e', '']]));
  }
  if (flags.has('-p') || flags.has('--load')) return fromFile(call, rest[0] ?? '/etc/sysctl.conf', flags);
  const words = flags.has('-a') ? sysctlPaths(call.machine).map(named) : rest;
  let status = 0;
  for (const word of words) {
    const [, key = word, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(word) ?? [];
    status = one(call, key, value, flags) || status;
  }
  return status;
};
