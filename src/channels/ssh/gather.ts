import type { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

/**
 * Makes a socket send what is written in one turn of the event loop by one system call.
 *
 * ssh2 writes each message in three pieces (length, body, tag) and several messages in a row, and on a socket without Nagle's delay each
 * piece is a packet of its own: most of what a command costs. Order and back pressure stay as they are.
 */
export const gatherWrites = (socket: Socket): void => {
  const write = socket.write.bind(socket);
  const flush = (): void => socket.uncork();
  socket.write = (chunk: string | Uint8Array, second?: BufferEncoding | Written, third?: Written): boolean => {
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(flush);
    }
    return typeof second === 'string' ? write(chunk, second, third) : write(chunk, second);
  };
};
