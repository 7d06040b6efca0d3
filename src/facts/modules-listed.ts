import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';
import { dropInGlobs, effectiveDropIns, kernelArguments } from './drop-ins.ts';
import { moduleName } from './module-name.ts';

/** What is set to be loaded at boot, names as the kernel spells them. */
export type ModulesListed = {
  /** `modules-load=` of this boot's kernel command line. */
  readonly commandLine: readonly string[];
  /** /etc/modules, which systemd reads only where a modules-load.d directory links to it, as Debian's does. */
  readonly etcModules: readonly string[];
  /** Names by file; only files that count. */
  readonly files: { readonly [path: string]: readonly string[] };
};

/** A name at the beginning of a line; blank lines and those that begin with `#` or `;` are none. */
const NAMES = '^[[:space:]]*[^#;[:space:]]';

// globs are for the node's shell, so they stand in the text and not among its values
const globs = dropInGlobs('modules-load.d').join(' ');
const command = sh`cat /proc/cmdline; ls -1d GLOBS 2>/dev/null; grep -HsE ${NAMES} GLOBS /etc/modules`;
const text = command.text.replaceAll('GLOBS', globs);

/** Reads `ModulesListed`. Sources: modules-load.d(5), systemd-modules-load.service(8). */
export const modulesListed = (): Fact<ModulesListed> =>
  reading({ via: 'ssh', text, masked: text }, ({ stdout }) => {
    const [commandLine = '', ...rest] = stdout.split('\n');
    const etcModules = lines(rest.join('\n')).flatMap((line) => /^\/etc\/modules:\s*(\S+)/.exec(line)?.[1] ?? []);
    const files = effectiveDropIns(rest.join('\n')).map((file): [string, string[]] => [file.path, file.lines.map(moduleName)]);
    return {
      commandLine: kernelArguments(commandLine, ['modules_load', 'rd.modules_load']).map(moduleName),
      etcModules: etcModules.map(moduleName),
      files: Object.fromEntries(files),
    };
  });

/** Where a module is listed: a file, the kernel command line, or null when nothing that systemd reads has it. */
export const listedIn = (listed: ModulesListed, name: string): string | null => {
  const file = Object.entries(listed.files).find(([, names]) => names.includes(moduleName(name)))?.[0];
  return file ?? (listed.commandLine.includes(moduleName(name)) ? 'the kernel command line' : null);
};
