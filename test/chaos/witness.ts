import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { createInterface } from 'node:readline';

/** A lease that was given out: under which fence, and when (epoch ms of Redis). */
export type Grant = { readonly node: string; readonly fence: number; readonly at: number };

/** Sees every command that Redis runs, its scripts' too, and keeps the leases that were given out. */
export type Witness = Disposable & {
  readonly grants: readonly Grant[];
  /** To be called whenever Redis was started. */
  watch(): Promise<void>;
};

const fieldOf = (words: readonly string[], name: string): string => words[words.indexOf(name) + 1] ?? '';

/** A line of MONITOR: `+1795268875.789523 [0 lua] "HSET" "drover:{runner-1}:lease" "owner" "host/77/ab12cd" …`. */
const grantOf = (line: string): Grant | undefined => {
  if (!line.includes(':lease" "owner"')) return undefined;
  const [command, key, ...words] = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
  const node = /^drover:\{([^}/]+)\}:lease$/.exec(key ?? '')?.[1];
  if (node === undefined || command?.toUpperCase() !== 'HSET') return undefined;
  return { node, fence: Number(fieldOf(words, 'fence')), at: Math.floor(Number(line.slice(1, line.indexOf(' '))) * 1000) };
};

export const witness = (port: number): Witness => {
  const grants: Grant[] = [];
  let socket: Socket | undefined;
  return {
    grants,
    watch: async () => {
      socket?.destroy();
      const made = connect(port, '127.0.0.1');
      socket = made;
      made.on('error', () => undefined);
      const lines = createInterface(made);
      const listening = once(lines, 'line');
      made.write('MONITOR\r\n');
      await listening;
      lines.on('line', (line) => {
        const grant = grantOf(line);
        if (grant) grants.push(grant);
      });
    },
    [Symbol.dispose]: () => socket?.destroy(),
  };
};
