import type { NodeChannel } from '../core/ports.ts';

/**
 * Lets go of a connection that nothing has used for a while; the next hello() makes a new one.
 *
 * A node may wait hours for its turn, and a connection to each of a thousand is asked every few seconds whether it is still there.
 */
export const droppedWhenIdle = (channel: NodeChannel, idleMs: number): NodeChannel => {
  let inUse = 0;
  let timer: NodeJS.Timeout | undefined;
  const used = async <T>(work: () => Promise<T>): Promise<T> => {
    inUse += 1;
    clearTimeout(timer);
    try {
      return await work();
    } finally {
      inUse -= 1;
      // what still waits to be let go of keeps no process alive
      if (inUse === 0) timer = setTimeout(() => channel.drop(), idleMs).unref();
    }
  };
  return {
    hello: (target, options) => used(() => channel.hello(target, options)),
    read: (commands, options) => used(() => channel.read(commands, options)),
    write: (command, guard, reads, options) => used(() => channel.write(command, guard, reads, options)),
    attach: (command, guard, reads, options) => used(() => channel.attach(command, guard, reads, options)),
    claim: (guard, options) => used(() => channel.claim(guard, options)),
    halt: (guard, options) => used(() => channel.halt(guard, options)),
    drop: () => {
      clearTimeout(timer);
      channel.drop();
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      await channel[Symbol.asyncDispose]();
    },
  };
};
