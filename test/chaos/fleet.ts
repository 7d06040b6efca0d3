import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Question, type Seen, lookAnswer, whereAnswer } from './sim-words.ts';

/** Simulated nodes in a process of their own, so that nothing that the test does can disturb them. */
export type Fleet = AsyncDisposable & {
  readonly names: readonly string[];
  readonly gateway: string;
  /** For drover: where the fleet is. */
  readonly env: Readonly<Record<string, string>>;
  look(): Promise<readonly Seen[]>;
  /** Takes a node off the network, or puts it back. */
  cut(node: string, cut: boolean): Promise<void>;
  /** Cuts the connection of a node at its next mutating command. */
  sever(node: string, when: 'before' | 'after'): Promise<void>;
};

const reply = z.object({ id: z.number(), answer: z.unknown() });

const asker = (child: ChildProcess): ((text: Question) => Promise<unknown>) => {
  const waiting = new Map<number, (answer: unknown) => void>();
  let last = 0;
  child.on('message', (message) => {
    const { id, answer } = reply.parse(message);
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  return async (text) => {
    const id = (last += 1);
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, text });
    });
  };
};

export const startFleet = async (nodes: number, speed: number, seed: number): Promise<Fleet> => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-chaos-sim-'));
  const child = fork(new URL('sim-process.ts', import.meta.url), [dir, String(nodes), String(speed), String(seed)], { stdio: 'inherit' });
  await once(child, 'message');
  const ask = asker(child);
  const { names, gateway, fleet, env } = whereAnswer.parse(await ask({ do: 'where' }));
  return {
    names,
    gateway,
    env: { ...env, DROVER_FLEET: fleet },
    look: async () => lookAnswer.parse(await ask({ do: 'look' })).nodes,
    cut: async (node, cut) => void (await ask({ do: 'cut', node, cut })),
    sever: async (node, when) => void (await ask({ do: 'sever', node, when })),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
