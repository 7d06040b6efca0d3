import type { Machine } from '../node/machine.ts';
import { aptGet } from './apt-get.ts';
import { aptCache, aptMark } from './apt-tools.ts';
import { cat } from './cat.ts';
import { ctr } from './ctr.ts';
import { chmod } from './chmod.ts';
import { crictl } from './crictl.ts';
import { detectVirt } from './detect-virt.ts';
import { df } from './df.ts';
import { dnf } from './dnf.ts';
import { dpkgQuery } from './dpkg-query.ts';
import { droverGuarded, droverLook, droverRead, droverStop } from './drover-calls.ts';
import { droverDurable, droverClaim, droverHalt, droverRun } from './drover-durable.ts';
import { deadmanArm, deadmanConfirm, deadmanDisarm, deadmanReached, deadmanStatus } from './drover-deadman.ts';
import { droverFile, droverForget, droverRestore, droverSnapshot, droverSnapshots, droverWrite } from './drover-files.ts';
import { echo } from './echo.ts';
import { find as findFiles } from './find.ts';
import { findmnt, mount } from './mount.ts';
import { grep } from './grep.ts';
import { head, tail } from './head.ts';
import { ip } from './ip.ts';
import { ln } from './ln.ts';
import { iptablesProgram } from './iptables.ts';
import { ls } from './ls.ts';
import { lsmod } from './lsmod.ts';
import { modinfo } from './modinfo.ts';
import { modprobe } from './modprobe.ts';
import { nmcli } from './nmcli.ts';
import { ping } from './ping.ts';
import { printf } from './printf.ts';
import type { Program } from './program.ts';
import { readlink } from './readlink.ts';
import { rm } from './rm.ts';
import { rpm } from './rpm.ts';
import { sh } from './sh.ts';
import { sleep } from './sleep.ts';
import { sort } from './sort.ts';
import { sudo } from './sudo.ts';
import { sysctl } from './sysctl.ts';
import { systemctl } from './systemctl.ts';
import { bracket, test } from './test.ts';
import { timeout } from './timeout.ts';
import { tr } from './tr.ts';
import { uname } from './uname.ts';

/** Variables come through an assignment in front; what is exported is all of them anyway. */
const exportVariables: Program = (call) => {
  for (const word of call.args) {
    const at = word.indexOf('=');
    if (at > 0) call.variables.set(word.slice(0, at), word.slice(at + 1));
  }
  return 0;
};

const builtins: Readonly<Record<string, Program>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  '[': bracket,
  echo,
  export: exportVariables,
  printf,
  test,
};

const everywhere: Readonly<Record<string, Program>> = {
  cat,
  ctr,
  chmod,
  crictl,
  find: findFiles,
  findmnt,
  grep,
  head,
  hostname: (call) => {
    call.out(`${call.machine.name}\n`);
    return 0;
  },
  id: (call) => {
    call.out(
      call.args[0] === '-u'
        ? call.user === 'root'
          ? '0\n'
          : '1000\n'
        : call.args[0] === '-un'
          ? `${call.user}\n`
          : `uid=0(${call.user})\n`,
    );
    return 0;
  },
  ip,
  ln,
  ls,
  lsmod,
  modinfo,
  modprobe,
  mount,
  nmcli,
  readlink,
  reboot: (call) => systemctl({ ...call, args: ['reboot'] }),
  rm,
  sh,
  sleep,
  sort,
  sudo,
  sync: () => 0,
  sysctl,
  systemctl,
  df,
  'systemd-detect-virt': detectVirt,
  tail,
  timeout,
  tr,
  uname,
  // nothing here is compressed
  zgrep: grep,
};

const byDistro: Readonly<Record<Machine['distro'], Readonly<Record<string, Program>>>> = {
  el7: { ping, rpm, yum: dnf },
  el8: { dnf, ping, rpm, yum: dnf },
  ol8: { dnf, ping, rpm, yum: dnf },
  // a minimal one, as in the lab: it has no iputils-ping
  debian12: { 'apt-cache': aptCache, 'apt-get': aptGet, 'apt-mark': aptMark, 'dpkg-query': dpkgQuery },
};

const library: Readonly<Record<string, Program>> = {
  drover_deadman_arm: deadmanArm,
  drover_deadman_confirm: deadmanConfirm,
  drover_deadman_disarm: deadmanDisarm,
  drover_deadman_reached: deadmanReached,
  drover_deadman_status: deadmanStatus,
  drover_durable: droverDurable,
  drover_file: droverFile,
  drover_forget: droverForget,
  drover_guarded: droverGuarded,
  drover_claim: droverClaim,
  drover_halt: droverHalt,
  drover_look: droverLook,
  drover_read: droverRead,
  drover_restore: droverRestore,
  drover_run: droverRun,
  drover_snapshot: droverSnapshot,
  drover_snapshots: droverSnapshots,
  drover_stop: droverStop,
  drover_write: droverWrite,
};

const sbin = ['ip', 'lsmod', 'modinfo', 'modprobe', 'reboot', 'sysctl'];

/** `command -v NAME`: where a program is, or the exit code 1 (bash) or 127 (dash). */
const command: Program = (call) => {
  const [flag, name = '', ...args] = call.args;
  if (flag !== '-v') return find(call.machine, flag ?? '', call.variables)?.({ ...call, args: [name, ...args].filter(Boolean) }) ?? 127;
  if (name in builtins) call.out(`${name}\n`);
  else if (find(call.machine, name, call.variables))
    call.out(name in library ? `${name}\n` : `/usr/${sbin.includes(name) || name.startsWith('iptables') ? 'sbin' : 'bin'}/${name}\n`);
  else return call.machine.distro === 'debian12' ? 127 : 1;
  return 0;
};

/** The program of a name on a machine; drover's functions are there only behind the library, which sets DROVER_HOME. */
export const find = (machine: Machine, name: string, variables: ReadonlyMap<string, string>): Program | undefined => {
  if (name === 'command') return command;
  if (Object.hasOwn(library, name)) return variables.has('DROVER_HOME') ? library[name] : undefined;
  for (const programs of [builtins, everywhere, byDistro[machine.distro]]) if (Object.hasOwn(programs, name)) return programs[name];
  return iptablesProgram(machine, name);
};
