import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';
import { moduleName } from './module-name.ts';

/** The folder of the scripts that rhel-loadmodules.service of EL7 runs at boot. */
export const SCRIPTS = '/etc/sysconfig/modules';

/** The scripts that load modules at boot on EL7: what they load, which of them are run, and whether anything runs them. */
export type ModuleScripts = {
  readonly files: { readonly [path: string]: { readonly executable: boolean; readonly loads: readonly string[] } };
  /** UnitFileState of rhel-loadmodules.service; `absent` where there is no such unit, `unknown` where systemd tells nothing. */
  readonly service: string;
};

/** A call of modprobe(8) that no `#` stands before. */
const LOADS = '^[^#]*modprobe[[:space:]]';

/**
 * Reads `ModuleScripts`.
 *
 * /lib/systemd/rhel-loadmodules runs `*.modules` of the folder, each only where `[ -x FILE ]` holds, and says nothing of the others. Source: initscripts of
 * EL7.
 */
export const moduleScripts = (): Fact<ModuleScripts> =>
  reading(
    // find(1) names the executable ones, grep(1) what each calls
    sh`systemctl show -p LoadState -p UnitFileState rhel-loadmodules.service; find ${SCRIPTS} -maxdepth 1 -name '*.modules' -perm /111 2>/dev/null; grep -HsE ${LOADS} /etc/sysconfig/modules/*.modules`,
    ({ stdout }) => {
      const all = lines(stdout);
      const of = (key: string): string => all.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
      const calls = all.flatMap((line) => {
        const [, path = '', call = ''] = /^(\/[^:]+):(.*)$/.exec(line) ?? [];
        if (path === '') return [];
        const said = /modprobe\s+([^;&|>]*)/.exec(call)?.[1] ?? '';
        return said.split(/\s+/).flatMap((word) => (/^\w[\w-]*$/.test(word) ? [{ path, name: moduleName(word) }] : []));
      });
      const paths = [...new Set(calls.map(({ path }) => path))].toSorted();
      const loads = (path: string): readonly string[] => calls.filter((one) => one.path === path).map(({ name }) => name);
      return {
        files: Object.fromEntries(paths.map((path) => [path, { executable: all.includes(path), loads: loads(path) }])),
        service: of('LoadState') === 'not-found' ? 'absent' : of('UnitFileState') || 'unknown',
      };
    },
  );
