import { type Gate, gate } from '../core/step.ts';
import { type Boot, boot } from '../facts/boot.ts';
import { type Iptables, type IptablesBackend, iptables } from '../facts/iptables.ts';
import { type ModulesPresent, modulesPresent } from '../facts/modules-present.ts';

type State = { readonly boot: Boot; readonly iptables: Iptables; readonly present: ModulesPresent };

/** The modules that give a backend its nat table; nft_chain_nat was two before Linux 5.1. */
const NAT: Readonly<Record<IptablesBackend, readonly string[]>> = {
  nf_tables: ['nft_chain_nat', 'nft_chain_nat_ipv4'],
  legacy: ['iptable_nat'],
};
const modules = [...NAT.nf_tables, ...NAT.legacy];

const hasNat = ({ boot: { nextKernel }, present }: State, of: IptablesBackend): boolean =>
  NAT[of].some((name) => (present.kernels[nextKernel]?.[name]?.as ?? 'absent') !== 'absent');

const trouble = (now: State, supported: IptablesBackend | 'either'): string | null => {
  const { backend, rules, version } = now.iptables;
  const { nextKernel } = now.boot;
  if (rules.legacy === 'some' && rules.nf_tables === 'some')
    return 'both backends of iptables hold rules (see iptables-legacy-save and iptables-nft-save): what is added to one of them may have no effect, so move all rules to one first';
  if (backend === 'absent' || backend === 'unsaid') {
    if (backend === 'unsaid' && supported !== 'either')
      return `iptables ${version} does not say which backend it has (1.8 and later do), and only ${supported} is supported here`;
    return hasNat(now, 'nf_tables') || hasNat(now, 'legacy')
      ? null
      : `kernel ${nextKernel} has no nat table, neither for nf_tables nor for legacy`;
  }
  if (supported !== 'either' && backend !== supported)
    return `iptables ${version} has the ${backend} backend, and only ${supported} is supported here: its rules would not meet the traffic`;
  return hasNat(now, backend)
    ? null
    : `kernel ${nextKernel} has no nat table for the ${backend} backend of iptables ${version} (no module ${NAT[backend][0] ?? ''})`;
};

/**
 * One backend of iptables holds the rules, it is the one that is supported, and the kernel that boots next has the nat table for it. Nothing is switched.
 *
 * A node without iptables passes where its kernel has a nat table for either: nothing on the node writes rules then, and what runs in containers
 * (docker-in-docker, istio-init, kube-proxy) brings its own iptables, for which only the kernel counts.
 */
export const iptablesBackend = (supported: IptablesBackend | 'either' = 'either'): Gate =>
  gate<State>({
    id: 'preflight:iptables-backend',
    title: 'iptables has one backend that is supported',
    wish: supported,
    observe: () => ({ all: { boot: boot(), iptables: iptables(), present: modulesPresent(modules) } }),
    unmet: (now) => {
      const why = trouble(now, supported);
      return why === null ? [] : [why];
    },
  });
