import { must } from './process.ts';
import { type Bridges, type Machine, type Socket, subnets } from './topology.ts';

const ip = (netns: string, lines: readonly string[]): Promise<string> =>
  must('ip', ['-n', netns, '-batch', '-'], { input: lines.join('\n') });

/** Makes the namespace with its bridges, and a tap on side a for each machine. Everything of the lab lives in there. */
export const createNetwork = async (netns: string, bridges: Bridges, machines: readonly Machine[]): Promise<void> => {
  const { a, b } = subnets;
  await must('ip', ['netns', 'add', netns]);
  // Without arp_ignore the kernel answers for an address of one bridge on the other, and the subnets would not be separate.
  const settings = ['ip_forward', 'conf/all/arp_ignore', 'conf/default/arp_ignore'].map((name) => `echo 1 > /proc/sys/net/ipv4/${name}`);
  await must('ip', ['netns', 'exec', netns, 'sh', '-ec', settings.join('; ')]);
  const bridge = (name: string, addresses: readonly string[]): string[] => [
    `link add ${name} type bridge forward_delay 0`,
    ...addresses.map((address) => `addr add ${address}/24 dev ${name}`),
    `link set ${name} up`,
  ];
  await ip(netns, [
    'link set lo up',
    ...(bridges === 'two'
      ? [...bridge(a.bridge, [a.gateway]), ...bridge(b.bridge, [b.gateway])]
      : bridge(a.bridge, [a.gateway, b.gateway])),
    ...machines.flatMap(({ tap }) => [`tuntap add ${tap} mode tap`, `link set ${tap} master ${a.bridge} up`]),
  ]);
};

/** Plugs a machine's tap into the bridge of a subnet: what a person does in vCenter with the network of a VM. */
export const plug = async (netns: string, { tap }: Machine, socket: Socket): Promise<void> => {
  await ip(netns, [`link set ${tap} ${socket === 'nowhere' ? 'nomaster' : `master ${subnets[socket].bridge}`}`]);
};

/**
 * Has nothing that is sent from here reach an address of side b any more, while the gateway goes on answering there: as a firewall would.
 *
 * Packets go to a hardware address that nobody has; ARP is answered to whoever asks.
 */
export const block = async (netns: string, address: string, bridges: Bridges): Promise<void> => {
  const { bridge } = bridges === 'two' ? subnets.b : subnets.a;
  await ip(netns, [`neigh replace ${address} lladdr 02:00:00:00:00:01 nud permanent dev ${bridge}`]);
};

/** The names of the network namespaces on this machine that belong to a lab. */
export const labNamespaces = async (): Promise<string[]> => {
  const list = await must('ip', ['netns', 'list']);
  return list.split('\n').flatMap((line) => /^drover-lab\S*/.exec(line)?.[0] ?? []);
};

/** The processes in a namespace. */
export const processesIn = async (netns: string): Promise<number[]> =>
  (await must('ip', ['netns', 'pids', netns]))
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
