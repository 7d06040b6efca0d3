import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, senseless } from './answer.ts';

/**
 * Who has an IPv4 address, as far as it can be seen from the node: `own` is the device of the node that has it, `answers` whether a machine
 * there answers ping(8), `neighbour` the link-layer address of one on the node's own network that answered just now.
 */
export type AddressHolder = {
  readonly own: string | null;
  /** `unasked` where the node has no ping. */
  readonly answers: 'yes' | 'no' | 'unasked';
  readonly neighbour: string | null;
};

const inet = /^\d+:\s+(\S+)\s+inet\s/;
const pinged = /^ping (\d+)$/;
/** Only what was confirmed a moment ago: an entry that is stale may be of a machine that has gone. */
const reachable = /\slladdr (\S+)\s.*\bREACHABLE\b/;

/**
 * Reads `AddressHolder`; takes a second where nobody answers. Source: ip-address(8), ip-neighbour(8), ping(8) of iputils.
 *
 * A machine whose firewall drops ping still answers for its address on the link, so the neighbour counts as well.
 */
export const addressHolder = (address: string): Fact<AddressHolder> =>
  reading(
    sh`ip -4 -o address show to ${address}; ping -n -q -c 2 -i 0.2 -W 1 ${address} >/dev/null 2>&1; echo "ping $?"; ip -4 neighbour show to ${address}`,
    (result) => {
      const all = lines(result.stdout);
      const [code] = all.flatMap((line) => pinged.exec(line)?.[1] ?? []);
      if (code === undefined) throw senseless(`who has ${address}`, result);
      return {
        own: all.flatMap((line) => inet.exec(line)?.[1] ?? [])[0] ?? null,
        answers: code === '0' ? 'yes' : code === '126' || code === '127' ? 'unasked' : 'no',
        neighbour: all.flatMap((line) => reachable.exec(line)?.[1] ?? [])[0] ?? null,
      };
    },
  );
