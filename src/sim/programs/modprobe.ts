import { blacklisted, loadModule, moduleName, resolveModule, usedBy } from '../node/kernel.ts';
import { listFolder, lookUp } from '../node/files.ts';
import { forgetSysctls } from '../node/sysctl.ts';
import { type Call, type Program, options } from './program.ts';

const showConfig = (call: Call): number => {
  for (const dir of ['/usr/lib/modprobe.d', '/lib/modprobe.d', '/run/modprobe.d', '/etc/modprobe.d']) {
    for (const name of listFolder(call.machine.files, dir)) {
      const entry = lookUp(call.machine.files, `${dir}/${name}`);
      if (entry?.kind === 'file')
        call.out(
          entry.content
            .split('\n')
            .filter((line) => /^\s*(blacklist|alias|install|options)\s/.test(line))
            .map((line) => `${line.trim()}\n`)
            .join(''),
        );
    }
  }
  return 0;
};

const remove = (call: Call, name: string): number => {
  const { kernel } = call.machine;
  const users = usedBy(kernel, moduleName(name));
  if (users.length > 0) {
    call.err(`modprobe: FATAL: Module ${name} is in use.\n`);
    return 1;
  }
  kernel.loaded.delete(moduleName(name));
  forgetSysctls(call.machine);
  return 0;
};

/** modprobe(8): loads with what it depends on; -r, -a, -n, -q, -b, -R/--resolve-alias, -S/--set-version, -c/--showconfig. */
export const modprobe: Program = (call) => {
  const { flags, rest } = options(call.args, ['-S', '--set-version']);
  const has = (...names: readonly string[]): boolean => names.some((name) => flags.has(name));
  const { kernel } = call.machine;
  const version = (flags.get('-S') ?? flags.get('--set-version'))?.[0] ?? kernel.running;
  // a container has no /lib/modules of the kernel that it shares
  const image = call.machine.host === null ? kernel.installed.get(version) : undefined;
  if (has('-c', '--showconfig')) return showConfig(call);
  if (call.user !== 'root' && !has('-R', '--resolve-alias', '-n', '--dry-run', '--show-depends', '-D')) {
    call.err(`modprobe: ERROR: could not insert '${rest[0] ?? ''}': Operation not permitted\n`);
    return 1;
  }
  let status = 0;
  for (const name of has('-a', '--all', '-r', '--remove') ? rest : rest.slice(0, 1)) {
    const found = image && resolveModule(image, name);
    if (found === undefined) {
      if (!has('-q', '--quiet'))
        call.err(`modprobe: ${has('-a', '--all') ? 'WARNING' : 'FATAL'}: Module ${name} not found in directory /lib/modules/${version}\n`);
      status = 1;
    } else if (has('-R', '--resolve-alias'))
      call.out((found === 'builtin' ? [moduleName(name)] : found).map((module) => `${module}\n`).join(''));
    else if (has('-r', '--remove')) status = remove(call, name) || status;
    else if (found !== 'builtin' && !has('-n', '--dry-run')) {
      // a blacklist counts for aliases, and for names only with -b
      const kept = has('-b', '--use-blacklist') || !found.includes(moduleName(name)) ? blacklisted(call.machine.files) : new Set<string>();
      for (const module of found) if (!kept.has(module)) loadModule(kernel, module);
    }
  }
  return status;
};
