import { inSubnet } from '../node/network.ts';
import { type Call, type Program, options, unknown } from './program.ts';

type Link = {
  readonly index: number;
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly gateway: string;
};

const links = (call: Call): readonly Link[] => [
  { index: 1, name: 'lo', mac: '00:00:00:00:00:00', addresses: ['127.0.0.1/8'], gateway: '' },
  ...[...call.machine.network.live].map(([name, live], index) => ({
    index: index + 2,
    name,
    mac: call.machine.mac,
    addresses: live.addresses,
    gateway: live.gateway,
  })),
];

const broadcast = (cidr: string): string => {
  const [address = '', prefix = '32'] = cidr.split('/');
  const mask = 2 ** (32 - Number(prefix)) - 1;
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = Math.floor(number / (mask + 1)) * (mask + 1) + mask;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join('.');
};

const scope = (link: Link): string => (link.name === 'lo' ? 'scope host lo' : `scope global noprefixroute ${link.name}`);
const inet = (link: Link, cidr: string): string => `inet ${cidr} ${link.name === 'lo' ? '' : `brd ${broadcast(cidr)} `}${scope(link)}`;

const addresses = (call: Call, found: readonly Link[], flags: ReadonlyMap<string, unknown>): void => {
  for (const link of found) {
    if (flags.has('-o') || flags.has('-oneline')) {
      for (const cidr of link.addresses)
        call.out(`${link.index}: ${link.name}    ${inet(link, cidr)}\\       valid_lft forever preferred_lft forever\n`);
    } else {
      call.out(
        `${link.index}: ${link.name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n    link/ether ${link.mac} brd ff:ff:ff:ff:ff:ff\n`,
      );
      for (const cidr of link.addresses) call.out(`    ${inet(link, cidr)}\n       valid_lft forever preferred_lft forever\n`);
    }
  }
};

const json = (found: readonly Link[]): unknown =>
  found.map((link) => ({
    ifindex: link.index,
    ifname: link.name,
    operstate: 'UP',
    address: link.mac,
    addr_info: link.addresses.map((cidr) => ({
      family: 'inet',
      local: cidr.split('/')[0],
      prefixlen: Number(cidr.split('/')[1]),
      scope: link.name === 'lo' ? 'host' : 'global',
    })),
  }));

/** ip(8): `address show` and `route show`, for IPv4, in long, one-line and JSON form; `neighbour show to`. */
export const ip: Program = (call) => {
  const { flags, rest } = options(call.args);
  const [object = '', verb = 'show', ...words] = rest;
  const device = words.at(words.indexOf('dev') + 1);
  const asked = verb === 'show' || verb === 'list';
  const to = words.includes('to') ? words.at(words.indexOf('to') + 1) : undefined;
  const named =
    words.includes('dev') || (words.length === 1 && 'address'.startsWith(object) && words[0] !== 'default') ? device : undefined;
  const found = links(call)
    .filter((link) => named === undefined || link.name === named)
    .map((link) => (to === undefined ? link : { ...link, addresses: link.addresses.filter((cidr) => cidr.split('/')[0] === to) }));
  if (asked && named !== undefined && found.length === 0) {
    call.err(`Device "${named}" does not exist.\n`);
    return 1;
  }
  if (asked && object !== '' && ('address'.startsWith(object) || object === 'addr')) {
    if (flags.has('-j') || flags.has('-json')) call.out(`${JSON.stringify(json(found))}\n`);
    else addresses(call, found, flags);
    return 0;
  }
  if (asked && object !== '' && 'route'.startsWith(object)) {
    for (const link of found) {
      if (link.gateway) call.out(`default via ${link.gateway} dev ${link.name} proto static metric 100 \n`);
      if (!words.includes('default') && link.name !== 'lo')
        for (const cidr of link.addresses)
          call.out(`${cidr} dev ${link.name} proto kernel scope link src ${cidr.split('/')[0] ?? ''} metric 100 \n`);
    }
    return 0;
  }
  if (asked && to !== undefined && object.startsWith('neigh') && 'neighbour'.startsWith(object)) {
    const link = links(call).find(({ addresses }) => addresses.some((cidr) => inSubnet(to, cidr)));
    // what is further away is the gateway's neighbour
    if (link && call.machine.hears(to)) call.out(`${to} dev ${link.name} lladdr 00:50:56:00:00:01 REACHABLE \n`);
    return 0;
  }
  return unknown(call, 'ip');
};
