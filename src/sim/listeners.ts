import { type Server, type Socket, createServer } from 'node:net';
import type { SshServer } from './ssh-server.ts';

/** Who shall answer at an address; another `id` is another machine or another boot. */
export type Wanted = {
  readonly id: string;
  readonly server: SshServer;
  /** Its connections end when it goes; else they fall silent. */ readonly alive: () => boolean;
};

/** The addresses that are listened at. */
export type Listeners = {
  /** Opens and closes what has to be; resolves when every new address listens. */
  set(wanted: ReadonlyMap<string, Wanted>): Promise<void>;
  close(): Promise<void>;
};

type Listener = {
  readonly id: string;
  readonly tcp: Server;
  readonly sockets: Set<Socket>;
  readonly ready: Promise<void>;
  readonly wanted: Wanted;
};

/** Nothing goes in or out any more, and nobody is told: the network under a connection is gone. */
const silence = (socket: Socket): void => {
  socket.pause();
  socket.cork();
};

/** Makes listeners on one port at as many loopback addresses as there are nodes. */
export const createListeners = (port: number): Listeners => {
  const listeners = new Map<string, Listener>();
  const silent = new Set<Socket>();

  const open = (address: string, wanted: Wanted): Listener => {
    const sockets = new Set<Socket>();
    const tcp = createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        silent.delete(socket);
      });
      wanted.server.serve(socket);
    });
    const ready = new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(port, address, () => resolve());
    });
    return { id: wanted.id, tcp, sockets, ready, wanted };
  };

  const shut = (address: string, { tcp, sockets, wanted }: Listener): void => {
    listeners.delete(address);
    tcp.close();
    const alive = wanted.alive();
    for (const socket of sockets) {
      if (!alive) socket.destroy();
      else {
        silent.add(socket);
        silence(socket);
      }
    }
  };

  return {
    set: async (wanted) => {
      for (const [address, listener] of listeners) if (wanted.get(address)?.id !== listener.id) shut(address, listener);
      for (const [address, one] of wanted) if (!listeners.has(address)) listeners.set(address, open(address, one));
      await Promise.all([...listeners.values()].map(({ ready }) => ready));
    },
    close: async () => {
      for (const socket of silent) socket.destroy();
      await Promise.all(
        [...listeners.values()].map(
          ({ tcp, sockets }) =>
            new Promise<void>((resolve) => {
              tcp.close(() => resolve());
              for (const socket of sockets) socket.destroy();
            }),
        ),
      );
      listeners.clear();
    },
  };
};
