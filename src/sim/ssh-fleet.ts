import type { Clock } from '../core/ports.ts';
import type { KeyPair } from './keys.ts';
import { type Wanted, createListeners } from './listeners.ts';
import type { Machine } from './node/machine.ts';
import { type SshServer, createSshServer } from './ssh-server.ts';
import { type World, answering } from './world.ts';

/** The sshd of every machine of a world, each at the address where it answers at the moment. */
export type SshFleet = {
  /** Lets the listeners follow the world. */
  follow(): Promise<void>;
  close(): Promise<void>;
};

/** Makes the sshds; they listen after the first `follow`. */
export const createSshFleet = (
  world: World,
  options: {
    readonly port: number;
    readonly authorizedKey: () => string;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    hostKey(name: string): KeyPair;
    turn(machine: string): void;
  },
): SshFleet => {
  const { port, clock, signal } = options;
  const listeners = createListeners(port);
  const servers = new Map<string, { readonly machine: Machine; readonly server: SshServer }>();
  const serverOf = (machine: Machine, key: string): SshServer => {
    const id = `${key} ${machine.name}`;
    const known = servers.get(id);
    if (known?.machine === machine) return known.server;
    const server = createSshServer({
      machine,
      hostKey: options.hostKey(key).private,
      authorizedKey: options.authorizedKey(),
      clock,
      signal,
      turn: () => options.turn(machine.name),
    });
    servers.set(id, { machine, server });
    return server;
  };
  return {
    follow: () => {
      const wanted = new Map(
        [...answering(world)].map(([address, { machine, key }]): [string, Wanted] => {
          const { bootId } = machine;
          const alive = (): boolean => machine.bootId === bootId && (machine.power.state === 'on' || machine.power.state === 'stopping');
          return [address, { id: `${key} ${machine.name} ${bootId}`, server: serverOf(machine, key), alive }];
        }),
      );
      return listeners.set(wanted);
    },
    close: () => listeners.close(),
  };
};
