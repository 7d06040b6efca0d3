/** A module's name as the kernel spells it: `-` and `_` are one and the same to kmod, and /proc/modules knows only `_`. */
export const moduleName = (name: string): string => name.replaceAll('-', '_');

/** An extended regular expression (grep -E) for any of some module names, in either spelling. */
export const modulePattern = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/[-_]/g, '[-_]')).join('|');

/** The module's name from the path of its file, e.g. `iptable_nat` from `kernel/net/ipv4/netfilter/iptable_nat.ko.xz`. */
export const nameOfFile = (path: string): string => moduleName((path.split('/').at(-1) ?? path).replace(/\.ko(\.(gz|xz|zst))?$/, ''));
