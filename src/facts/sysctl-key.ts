/**
 * A sysctl key as a path below /proc/sys: where a dot is the first to separate, dots and slashes change places, so that
 * `net.ipv4.conf.eth0/1.rp_filter` and `net/ipv4/conf/eth0.1/rp_filter` are one. Source: sysctl.d(5).
 */
export const sysctlPath = (key: string): string => {
  const first = /[./]/.exec(key)?.[0];
  const path = first === '.' ? key.replace(/[./]/g, (found) => (found === '.' ? '/' : '.')) : key;
  return path.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
};

/** The parts of /proc/sys that come with a module, by how their paths begin; what is not here is there from the beginning. */
const brought: readonly (readonly [string, string])[] = [
  ['net/netfilter/nf_conntrack_', 'nf_conntrack'],
  ['net/nf_conntrack_', 'nf_conntrack'],
  ['net/bridge/', 'br_netfilter'],
  ['net/ipv4/vs/', 'ip_vs'],
  ['net/sctp/', 'sctp'],
  ['sunrpc/', 'sunrpc'],
];

/**
 * The module without which a key does not exist; null for what any kernel has.
 *
 * Source: the kernel's Documentation/networking/nf_conntrack-sysctl and ipvs-sysctl, net/bridge/br_netfilter_hooks.c, net/sctp/sysctl.c.
 */
export const moduleOfKey = (key: string): string | null => brought.find(([begin]) => sysctlPath(key).startsWith(begin))?.[1] ?? null;

/** The modules that some keys need, each once. */
export const modulesOfKeys = (keys: readonly string[]): readonly string[] =>
  [...new Set(keys.flatMap((key) => moduleOfKey(key) ?? []))].toSorted();
