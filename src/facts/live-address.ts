import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';

/**
 * What a connection's device has now, in the kernel: addresses as CIDR, whether one of them was leased (it runs out, so DHCP gave it), and the
 * gateway of its default route. All empty while it is down.
 */
export type LiveAddress = {
  readonly addresses: readonly string[];
  readonly device: string | null;
  readonly dynamic: boolean;
  readonly gateway: string | null;
};

const inet = /^\d+:\s+(\S+)\s+inet\s+(\S+)/;
const leased = /^\d+:.*\sinet\s.*\sdynamic\s/;
const route = /^default via (\S+) dev (\S+)/;

/**
 * Reads `LiveAddress`. Source: ip-address(8), ip-route(8).
 *
 * NetworkManager tells only which device it is; the kernel tells the rest, because it is what answers. Only that device is asked for: in ipvs mode
 * kube-proxy keeps an address for every service on another one.
 */
export const liveAddress = (connection: string): Fact<LiveAddress> =>
  reading(
    sh`ip -4 -o address show dev "$(nmcli -g GENERAL.DEVICES connection show ${connection})"; ip -4 route show default`,
    ({ stdout }) => {
      const all = lines(stdout);
      const found = all.flatMap((line) => {
        const [, device, address] = inet.exec(line) ?? [];
        return device === undefined || address === undefined ? [] : [{ device, address }];
      });
      const device = found[0]?.device ?? null;
      const gateway = all.map((line) => route.exec(line)).find((match) => match?.[2] === device)?.[1] ?? null;
      return { addresses: found.map(({ address }) => address).toSorted(), device, dynamic: all.some((line) => leased.test(line)), gateway };
    },
  );
