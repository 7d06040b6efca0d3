import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';

/** The two implementations of iptables in the kernel: nftables, and the xtables of old. */
export type IptablesBackend = 'nf_tables' | 'legacy';

/** Whether rules stand in a backend; `unknown` where no tool of the node can tell. */
export type Ruled = 'some' | 'none' | 'unknown';

/** What `iptables` is on a node. */
export type Iptables = {
  /** As `iptables --version` says it; `unsaid` before 1.8, which says nothing, `absent` where there is no such program. */
  readonly backend: IptablesBackend | 'unsaid' | 'absent';
  readonly rules: { readonly [backend in IptablesBackend]: Ruled };
  /** Empty where there is none. */
  readonly version: string;
};

/**
 * Reads `Iptables`: only the saving programs are asked, which neither load modules of the legacy backend nor make tables.
 *
 * Sources: iptables(8), xtables-nft(8), xtables-legacy(8). Rules of nftables that are not of its iptables, such as firewalld's, are none here.
 */
export const iptables = (): Fact<Iptables> =>
  reading(
    sh`iptables --version; command -v iptables-legacy-save; command -v iptables-nft-save; iptables-save 2>/dev/null | grep -c '^-A '; iptables-legacy-save 2>/dev/null | grep -c '^-A '; iptables-nft-save 2>/dev/null | grep -c '^-A '`,
    ({ stdout }) => {
      const [, version = '', said] = /^iptables v(\S+?)(?: \((nf_tables|legacy)\))?$/m.exec(stdout) ?? [];
      const backend = said === 'nf_tables' || said === 'legacy' ? said : version === '' ? 'absent' : 'unsaid';
      const [own = 0, legacy = 0, nft = 0] = [...stdout.matchAll(/^\d+$/gm)].map(([count]) => Number(count));
      const ruled = (of: IptablesBackend, program: string, count: number): Ruled => {
        const tool = new RegExp(`/${program}$`, 'm').test(stdout);
        return backend !== of && !tool ? 'unknown' : (backend === of ? own : 0) + count > 0 ? 'some' : 'none';
      };
      return {
        backend,
        rules: { legacy: ruled('legacy', 'iptables-legacy-save', legacy), nf_tables: ruled('nf_tables', 'iptables-nft-save', nft) },
        version,
      };
    },
  );
