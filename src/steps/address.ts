import { sh } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { bareAddress, isCidr } from '../core/ipv4.ts';
import { sameJson } from '../core/json.ts';
import { type Change, type Gate, change, gate } from '../core/step.ts';
import { type LiveAddress, liveAddress } from '../facts/live-address.ts';
import { type Connection, type Profile, connection as connectionState } from '../facts/network-manager.ts';

/** What keeps a connection from being changed: no NetworkManager, no such connection, or several of one name. */
export const noSingleProfile = (name: string, now: Connection): readonly string[] => {
  if (now.manager === 'absent') return ['NetworkManager is not on this node (there is no nmcli)'];
  if (now.manager === 'stopped') return ['NetworkManager is not running'];
  if (now.profiles.length === 0) return [`NetworkManager has no connection ${name}`];
  return now.profiles.length === 1
    ? []
    : [
        `NetworkManager has ${now.profiles.length} connections called ${name} (${now.profiles.map(({ uuid }) => uuid).join(', ')}): rename one, or give the UUID`,
      ];
};

/** An address with its prefix, and a gateway. */
export type AddressWish = {
  /** NetworkManager's name of the connection, or its UUID. */
  readonly connection: string;
  /** CIDR, e.g. `10.77.1.11/23`. */
  readonly address: string;
  readonly gateway: string;
  /** It takes effect by a `reload` of the connection behind it; without, by a reboot. */
  readonly inPlace?: true;
};

const only = (now: Connection): Profile | undefined => (now.profiles.length === 1 ? now.profiles[0] : undefined);
const shown = (addresses: readonly string[]): string => (addresses.length === 0 ? 'none' : addresses.join(', '));

const live = ({ connection, address, gateway, inPlace }: AddressWish): Gate =>
  gate<LiveAddress>({
    id: `address:${connection}:live`,
    title: `${connection} has ${address} by ${gateway}${inPlace === true ? '' : ' on the new boot'}`,
    wish: { address, gateway },
    within: '2m',
    observe: () => liveAddress(connection),
    unmet: (now) => {
      if (now.device === null) return [`the connection ${connection} has no address: it is not up`];
      return [
        ...(now.addresses.includes(address) ? [] : [`${now.device} has the address ${shown(now.addresses)}, not ${address}`]),
        ...(now.gateway === gateway ? [] : [`the default route of ${now.device} goes by ${now.gateway ?? 'none'}, not by ${gateway}`]),
      ];
    },
    restored: (now, before) => [
      ...(sameJson(now.addresses, before.addresses)
        ? []
        : [`${connection} has the address ${shown(now.addresses)}, had ${shown(before.addresses)} before`]),
      ...(now.gateway === before.gateway
        ? []
        : [`its default route goes by ${now.gateway ?? 'none'}, went by ${before.gateway ?? 'none'} before`]),
    ],
  });

/**
 * Gives a connection one fixed IPv4 address and gateway from the next boot on (or, `inPlace`, from the next `reload`), and proves it there; the
 * live address stays as it is until then.
 *
 * Every other IPv4 address of the connection goes. One that was configured by DHCP also loses the name servers that came with it.
 * Source: nmcli(1), nm-settings-nmcli(5).
 */
export const address = (wish: AddressWish): Change => {
  const { connection, address: wished, gateway } = wish;
  if (!isCidr(wished)) throw new UsageError(`address: ${wished} is not an IPv4 address with a prefix, like 10.77.1.11/23`);
  const same = (now: Profile, other: Profile): boolean =>
    now.method === other.method && now.gateway === other.gateway && sameJson(now.addresses, other.addresses);
  return change<Connection>({
    id: `address:${connection}`,
    title: `give ${connection} the address ${wished}`,
    wish: { address: wished, connection, gateway },
    takesEffect: wish.inPlace === true ? 'reload' : 'boot',
    moves: {
      to: bareAddress(wished),
      guarded: (before) => {
        const profile = only(before);
        if (!profile) return undefined;
        const manual = profile.method === 'manual' ? profile.addresses[0] : undefined;
        return {
          connection: profile.uuid,
          device: profile.device,
          file: profile.file,
          old: { address: manual ?? null, gateway: profile.gateway },
          new: { address: wished, gateway },
        };
      },
    },
    observe: () => connectionState(connection),
    unmet: (now) => {
      const profile = only(now);
      if (!profile) return noSingleProfile(connection, now);
      return [
        ...(profile.method === 'manual' ? [] : [`${connection} gets its address by ${profile.method}, not by hand`]),
        ...(sameJson(profile.addresses, [wished])
          ? []
          : [`${connection} is set to the address ${shown(profile.addresses)}, not ${wished}`]),
        ...(profile.gateway === gateway ? [] : [`${connection} is set to the gateway ${profile.gateway ?? 'none'}, not ${gateway}`]),
      ];
    },
    // a person may power the machine off rather than reboot it, so what was written must have reached the disk
    apply: (now) => {
      const profile = only(now);
      return profile
        ? [
            sh`drover_snapshot ${profile.file} && nmcli connection modify ${connection} ipv4.method manual ipv4.addresses ${wished} ipv4.gateway ${gateway} && sync`,
          ]
        : [];
    },
    rollback: (before) => {
      const profile = only(before);
      return profile ? [sh`drover_restore ${profile.file} && nmcli connection reload`] : [];
    },
    restored: (now, before) => {
      const [is, was] = [only(now), only(before)];
      if (!was || (is && same(is, was))) return [];
      return [
        `${connection} is set to ${is ? `${is.method} ${shown(is.addresses)} by ${is.gateway ?? 'none'}` : 'nothing'}, was ${was.method} ${shown(was.addresses)} by ${was.gateway ?? 'none'} before`,
      ];
    },
    proof: live(wish),
  });
};
