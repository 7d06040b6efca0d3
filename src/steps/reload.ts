import { sh } from '../core/command.ts';
import type { Duration } from '../core/duration.ts';
import { type Activation, activation } from '../core/step.ts';
import { type LiveAddress, liveAddress } from '../facts/live-address.ts';
import { type Connection, connection as connectionState } from '../facts/network-manager.ts';
import { noSingleProfile } from './address.ts';

type State = { readonly live: LiveAddress; readonly profile: Connection };

/** How to bring a changed connection up. */
export type ReloadOptions = {
  readonly within: Duration;
  readonly deadman?: Duration;
};

/**
 * Brings a connection up anew where its device is not as it is configured: what an `address` with `inPlace` waits for.
 *
 * The node is not restarted; its connections break where its address changes, so the command goes on by itself on the node, and drover finds it
 * at the new address. Source: nmcli(1), `connection up`.
 */
export const reload = (connection: string, options: ReloadOptions): Activation =>
  activation<State>({
    id: `reload:${connection}`,
    title: `bring ${connection} up as it is configured`,
    wish: connection,
    boots: false,
    ...options,
    observe: () => ({ all: { live: liveAddress(connection), profile: connectionState(connection) } }),
    unmet: ({ live, profile: now }) => {
      const [profile] = now.profiles;
      const trouble = noSingleProfile(connection, now);
      if (!profile || trouble.length > 0) return trouble;
      const has = live.addresses.length === 0 ? 'no address' : live.addresses.join(', ');
      if (profile.method !== 'manual') return live.dynamic ? [] : [`${connection} is set to ${profile.method}, and has ${has} by hand`];
      const up = profile.addresses.every((address) => live.addresses.includes(address)) && live.gateway === profile.gateway;
      return up
        ? []
        : [
            `${connection} is set to ${profile.addresses.join(', ')} by ${profile.gateway ?? 'no gateway'}, and has ${has} by ${live.gateway ?? 'no gateway'}`,
          ];
    },
    apply: ({ profile }) =>
      profile.profiles.length === 1 ? [{ ...sh`nmcli -w 45 connection up uuid ${profile.profiles[0]?.uuid ?? ''}`, durable: true }] : [],
  });
