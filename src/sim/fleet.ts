import type { SimNodeOptions } from './options.ts';

const listedInVain = '# loaded at boot time\niptable_nat\niptable_filter\n';

/** As many gitlab-runner nodes as are asked for. As in field report F1, runner-2 has its modules in /etc/modules, which systemd does not read. */
export const runners = (count: number): readonly SimNodeOptions[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `runner-${index + 1}`,
    labels: { role: 'gitlab-runner', esxi: 'abcd'.charAt(index % 4) },
    ...(index === 1 && { files: { '/etc/modules': listedInVain } }),
  }));

/** The three nodes of field report F1. */
export const gitlabRunners: readonly SimNodeOptions[] = runners(3);

/** Where nodes are and where they move; the n-th, counted from 1. Past 240 nodes a second pair of subnets begins. */
export const addressesOf = (n: number): { readonly address: string; readonly newAddress: string; readonly gateway: string } => {
  const block = Math.floor((n - 1) / 240);
  const host = 11 + ((n - 1) % 240);
  return { address: `127.77.${2 * block}.${host}`, newAddress: `127.77.${2 * block + 1}.${host}`, gateway: `127.77.${2 * block}.1` };
};

/** What the two networks are called: where nodes come from, and where they move. */
export const NETWORKS = ['ci', 'services'] as const;

/** The two networks by their names. */
export const networksFor = (
  count: number,
  [from, to]: readonly [string, string] = NETWORKS,
): readonly { readonly name: string; readonly subnets: readonly string[] }[] => {
  const blocks = Array.from({ length: Math.ceil(count / 240) || 1 }, (_, block) => block);
  return [
    { name: from, subnets: blocks.map((block) => `127.77.${2 * block}.0/24`) },
    { name: to, subnets: blocks.map((block) => `127.77.${2 * block + 1}.0/24`) },
  ];
};

/** Where the API server listens. */
export const CONTROL_PLANE = '127.77.255.254';
