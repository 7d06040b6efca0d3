import { moduleFile, resolveModule } from '../node/kernel.ts';
import { type Program, options } from './program.ts';

/** modinfo(8) with -F FIELD, -n and -k KERNEL. */
export const modinfo: Program = (call) => {
  const { flags, rest } = options(call.args, ['-F', '--field', '-k', '--set-version']);
  const version = (flags.get('-k') ?? flags.get('--set-version'))?.[0] ?? call.machine.kernel.running;
  const image = call.machine.kernel.installed.get(version);
  const field = flags.has('-n') ? 'filename' : (flags.get('-F') ?? flags.get('--field'))?.[0];
  let status = 0;
  for (const name of rest) {
    const found = image && resolveModule(image, name);
    if (found === undefined || !image) {
      call.err(`modinfo: ERROR: Module ${name} not found.\n`);
      status = 1;
      continue;
    }
    for (const module of found === 'builtin' ? [name] : found) {
      const about = image.modules[module];
      const all: [string, string][] = [
        ['filename', found === 'builtin' ? '(builtin)' : `/lib/modules/${version}/${moduleFile(module)}`],
        ...(about?.aliases ?? []).map((alias): [string, string] => ['alias', alias]),
        ['license', 'GPL'],
        ['depends', (about?.depends ?? []).join(',')],
        ['name', module],
        ['vermagic', `${version} SMP mod_unload modversions`],
      ];
      for (const [key, value] of all) {
        if (field === key) call.out(`${value}\n`);
        else if (field === undefined) call.out(`${`${key}:`.padEnd(16)}${value}\n`);
      }
    }
  }
  return status;
};
