import { type Files, listFolder, lookUp } from './files.ts';
import { type Profile, readProfile, setting } from './profile.ts';

/** What a device has got: addresses with their prefix, and the gateway or the empty text. */
export type Live = {
  readonly uuid: string;
  readonly addresses: readonly string[];
  readonly gateway: string;
  readonly dns: readonly string[];
};

/** NetworkManager: the connections it has read from disk, and what is up, by device. The two differ until the next boot or `con up`. */
export type NetworkManager = { readonly profiles: Map<string, Profile>; readonly live: Map<string, Live> };

const folders = ['/etc/NetworkManager/system-connections', '/etc/sysconfig/network-scripts'] as const;

/** The connections as they stand on disk, by UUID; what is no connection is passed over. */
export const profilesOnDisk = (files: Files): Map<string, Profile> =>
  new Map(
    folders.flatMap((dir) =>
      listFolder(files, dir).flatMap((name): [string, Profile][] => {
        const entry = lookUp(files, `${dir}/${name}`);
        if (entry?.kind !== 'file' || !(name.endsWith('.nmconnection') || name.startsWith('ifcfg-'))) return [];
        // a keyfile that others may read is refused, as NetworkManager does
        if (name.endsWith('.nmconnection') && ((entry.mode & 0o077) !== 0 || entry.owner !== 'root')) return [];
        const profile = readProfile(`${dir}/${name}`, entry.content);
        return [[setting(profile, 'connection.uuid'), profile]];
      }),
    ),
  );

/** Reads all connections again, as `nmcli con reload` does; what is up stays up. */
export const reloadProfiles = (network: NetworkManager, files: Files): void => {
  network.profiles.clear();
  for (const [uuid, profile] of profilesOnDisk(files)) network.profiles.set(uuid, profile);
};

/** A connection by its name, UUID or file. */
export const findProfile = (network: NetworkManager, name: string): Profile | undefined =>
  [...network.profiles.values()].find((profile) =>
    [setting(profile, 'connection.id'), setting(profile, 'connection.uuid'), profile.file].includes(name),
  );

const words = (text: string): readonly string[] => text.split(/[,\s]+/).filter(Boolean);

/** Brings a connection up on its device with what it says now. */
export const bringUp = (network: NetworkManager, profile: Profile): void => {
  const manual = setting(profile, 'ipv4.method') === 'manual';
  network.live.set(setting(profile, 'connection.interface-name'), {
    uuid: setting(profile, 'connection.uuid'),
    addresses: manual ? words(setting(profile, 'ipv4.addresses')) : [],
    gateway: manual ? setting(profile, 'ipv4.gateway') : '',
    dns: words(setting(profile, 'ipv4.dns')),
  });
};

/** What NetworkManager does at boot: reads the disk, brings up each connection that may start by itself. */
export const startNetwork = (network: NetworkManager, files: Files): void => {
  network.live.clear();
  reloadProfiles(network, files);
  for (const profile of network.profiles.values()) if (setting(profile, 'connection.autoconnect') !== 'no') bringUp(network, profile);
};

const bare = (address: string): string => {
  const slash = address.indexOf('/');
  return slash < 0 ? address : address.slice(0, slash);
};

/** All addresses that are up, without their prefix. */
export const liveAddresses = (network: NetworkManager): readonly string[] => {
  const all: string[] = [];
  for (const { addresses } of network.live.values()) for (const address of addresses) all.push(bare(address));
  return all;
};

const numbers = new Map<string, number>();

/** An IPv4 address as a number; a fleet has few, and asks again and again. */
const bits = (address: string): number => {
  const known = numbers.get(address);
  if (known !== undefined) return known;
  const made = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (numbers.size > 10_000) numbers.clear();
  numbers.set(address, made);
  return made;
};

/** Whether an IPv4 address lies in a subnet, e.g. `10.77.0.0/24`. */
export const inSubnet = (address: string, subnet: string): boolean => {
  const base = bare(subnet);
  const size = 2 ** (32 - Number(base === subnet ? 32 : subnet.slice(base.length + 1)));
  return Math.floor(bits(address) / size) === Math.floor(bits(base) / size);
};
