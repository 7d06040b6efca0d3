import { moduleName } from './module-name.ts';

/**
 * Modules that later kernels no longer have because another does their work, without an alias that would say so. Sources: Linux 4.19 (commits
 * "netfilter: conntrack: remove l3proto abstraction", nf_conntrack_ipv4 and _ipv6) and 5.1 ("netfilter: nat: merge nf_nat_ipv4,6 into nat core").
 */
const merged: Readonly<Record<string, string>> = {
  nf_conntrack_ipv4: 'nf_conntrack',
  nf_conntrack_ipv6: 'nf_conntrack',
  nf_nat_ipv4: 'nf_nat',
  nf_nat_ipv6: 'nf_nat',
  nf_nat_redirect: 'nf_nat',
};

/** The module that does another's work in kernels that have that one no more; undefined where none is known. */
export const mergedInto = (name: string): string | undefined => {
  const wanted = moduleName(name);
  return Object.hasOwn(merged, wanted) ? merged[wanted] : undefined;
};
