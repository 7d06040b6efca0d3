import type { KernelImage, KernelModule } from './kernel.ts';
import type { Distro } from './machine.ts';

const module = (depends: readonly string[] = [], aliases: readonly string[] = []): KernelModule => ({ depends, aliases });

/** What CentOS's kernel brings: the netfilter modules that the field reports are about, and a few that are always there. */
const el: KernelImage = {
  builtin: ['configfs', 'unix', 'tcp_cubic', 'ipv6'],
  modules: {
    overlay: module([], ['fs-overlay']),
    vmxnet3: module(),
    libcrc32c: module(),
    llc: module(),
    stp: module(['llc']),
    bridge: module(['stp', 'llc'], ['rtnl-link-bridge']),
    br_netfilter: module(['bridge']),
    x_tables: module(),
    ip_tables: module(['x_tables'], ['ipt_icmp']),
    ip6_tables: module(['x_tables'], ['ip6t_icmp6']),
    nf_defrag_ipv4: module(),
    nf_defrag_ipv6: module(),
    nf_conntrack: module(['libcrc32c', 'nf_defrag_ipv4', 'nf_defrag_ipv6'], ['ip_conntrack', 'nf_conntrack-2', 'nf_conntrack-10']),
    nf_nat: module(['nf_conntrack', 'libcrc32c'], ['ip_nat']),
    iptable_filter: module(['ip_tables']),
    iptable_nat: module(['ip_tables', 'nf_nat']),
    iptable_mangle: module(['ip_tables']),
    iptable_raw: module(['ip_tables']),
    ip6table_filter: module(['ip6_tables']),
    ip6table_nat: module(['ip6_tables', 'nf_nat']),
    ip6table_mangle: module(['ip6_tables']),
    ip6table_raw: module(['ip6_tables']),
    xt_conntrack: module(['nf_conntrack', 'x_tables'], ['ipt_conntrack', 'ip6t_conntrack']),
    xt_mark: module(['x_tables'], ['ipt_mark', 'ip6t_mark', 'xt_MARK']),
    xt_connmark: module(['nf_conntrack', 'x_tables'], ['ipt_connmark', 'xt_CONNMARK']),
    xt_owner: module(['x_tables'], ['ipt_owner', 'ip6t_owner']),
    xt_comment: module(['x_tables'], ['ipt_comment']),
    xt_REDIRECT: module(['nf_nat', 'x_tables'], ['ipt_REDIRECT', 'ip6t_REDIRECT']),
    xt_MASQUERADE: module(['nf_nat', 'x_tables'], ['ipt_MASQUERADE']),
    nfnetlink: module(),
    nf_tables: module(['nfnetlink', 'libcrc32c']),
    nft_compat: module(['nf_tables', 'x_tables']),
    nft_chain_nat: module(['nf_tables', 'nf_nat']),
    ip_vs: module(['nf_conntrack', 'libcrc32c']),
  },
};

/** Debian's has the same but for this. */
const debian: KernelImage = { builtin: el.builtin.filter((name) => name !== 'configfs'), modules: { ...el.modules, configfs: module() } };

/** What the kernel of Oracle Linux 8 (UEK 5.15) has built in or no longer has; made from field report F4 and the kernel's history, not captured. */
const gone = ['bridge', 'stp', 'llc', 'x_tables', 'libcrc32c'];
const oracle: KernelImage = {
  builtin: [...el.builtin, 'bridge', 'stp', 'llc', 'x_tables', 'xt_tcpudp', 'libcrc32c'],
  modules: Object.fromEntries(
    Object.entries(el.modules)
      .filter(([name]) => !gone.includes(name))
      .map(([name, { depends, aliases }]) => [
        name,
        module(
          depends.filter((one) => !gone.includes(one)),
          aliases,
        ),
      ]),
  ),
};

/** EL7's still has a module each for what was merged into nf_conntrack and nf_nat later. */
const el7: KernelImage = {
  builtin: el.builtin,
  modules: {
    ...el.modules,
    nf_conntrack_ipv4: module(['nf_conntrack', 'nf_defrag_ipv4'], ['nf_conntrack-2']),
    nf_nat_ipv4: module(['nf_nat']),
    nf_nat_redirect: module(['nf_nat']),
    xt_tcpudp: module(['x_tables']),
  },
};

/** The kernels of the systems that the simulator knows. */
export const kernelImages: Readonly<Record<Distro, KernelImage>> = { el7, el8: el, ol8: oracle, debian12: debian };
