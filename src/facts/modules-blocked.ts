import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { dropInGlobs, effectiveDropIns, kernelArguments } from './drop-ins.ts';
import { moduleName } from './module-name.ts';

/** For each module that may not be loaded, the words that forbid it and where they stand. */
export type ModulesBlocked = { readonly [name: string]: string };

const globs = dropInGlobs('modprobe.d').join(' ');
const command = sh`cat /proc/cmdline; ls -1d GLOBS 2>/dev/null; grep -HsE ${'^[[:space:]]*(blacklist|install)[[:space:]]'} GLOBS`;
const text = command.text.replaceAll('GLOBS', globs);

/** A line `install NAME COMMAND` with a command that does nothing is how hardening guides forbid a module. */
const nothing = /^(\/usr)?(\/bin\/)?(true|false|:)$/;

/**
 * Tells which of some modules are blacklisted.
 *
 * systemd-modules-load(8) respects a blacklist, though modprobe(8) by the module's own name does not. Sources: modprobe.d(5); `modprobe.blacklist=`
 * in modprobe(8); `module_blacklist=` in the kernel's parameters, which not even insmod gets round.
 */
export const modulesBlocked = (names: readonly string[]): Fact<ModulesBlocked> =>
  reading({ via: 'ssh', text, masked: text }, ({ stdout }) => {
    const [commandLine = '', ...rest] = stdout.split('\n');
    const lines = effectiveDropIns(rest.join('\n')).flatMap((file) =>
      file.lines.map((line) => ({ path: file.path, line, words: line.split(/\s+/) })),
    );
    const words = (name: string): string | null => {
      for (const parameter of ['modprobe.blacklist', 'module_blacklist']) {
        if (kernelArguments(commandLine, [parameter]).map(moduleName).includes(moduleName(name)))
          return `${parameter}= on the kernel command line`;
      }
      const line = lines.find(
        ({ words: [verb, module = '', what = ''] }) =>
          moduleName(module) === moduleName(name) && (verb === 'blacklist' || (verb === 'install' && nothing.test(what))),
      );
      return line ? `"${line.line}" in ${line.path}` : null;
    };
    return Object.fromEntries(
      names.toSorted().flatMap((name): [string, string][] => (words(name) === null ? [] : [[name, words(name) ?? '']])),
    );
  });
