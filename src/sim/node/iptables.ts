import { loadModule, resolveModule } from './kernel.ts';
import type { Machine } from './machine.ts';

/** The two implementations in the kernel. */
export type Backend = 'nf_tables' | 'legacy';

/** The iptables of a machine: what the plain names stand for, whether those of both backends are there, and what its services put there at each boot. */
export type IptablesTools = {
  readonly backend: Backend;
  readonly version: string;
  readonly both: boolean;
  readonly puts: Readonly<Record<Backend, readonly string[]>>;
};

/** How a program names itself, e.g. `iptables-save v1.8.4 (nf_tables)`; before 1.8 without the backend. */
export const called = ({ version }: IptablesTools, program: string, backend: Backend): string =>
  `${program} v${version}${/^1\.[0-7]\./.test(version) ? '' : ` (${backend})`}`;

/** Whether a table can be used, loading its module where that is allowed: not from inside a container, which has no /lib/modules. */
export const openTable = (machine: Machine, backend: Backend, table: string, mayLoad: boolean): boolean => {
  const { kernel } = machine;
  const image = kernel.installed.get(kernel.running);
  const wanted = backend === 'legacy' ? [`iptable_${table}`] : ['nf_tables', ...(table === 'nat' ? ['nft_chain_nat'] : [])];
  return wanted.every((name) => {
    if (kernel.loaded.has(name)) return true;
    const found = image && resolveModule(image, name);
    if (found === 'builtin') return true;
    // nf_tables asks the kernel itself for its modules, which works from anywhere
    if (found === undefined || (!mayLoad && backend === 'legacy')) return false;
    for (const module of found) loadModule(kernel, module);
    return true;
  });
};

/** What iptables-restore(8) says when a table cannot be used, and how it ends. Sources: field reports F3 and F4, istio issue 28897; not captured. */
export const restoreFailure = (
  tools: IptablesTools,
  backend: Backend,
  table: string,
  line: number,
): { readonly code: number; readonly text: string } =>
  backend === 'nf_tables'
    ? {
        code: 4,
        text: `${called(tools, 'iptables-restore', backend)}: xtables resource problem: line ${line}: TABLE_ADD failed (No such file or directory): table ${table}\n`,
      }
    : {
        code: 2,
        text: `${called(tools, 'iptables-restore', backend)}: iptables-restore: unable to initialize table '${table}'\n\nError occurred at line: 1\nTry \`iptables-restore -h' or 'iptables-restore --help' for more information.\n`,
      };
