import type { Sim } from '../sim/index.ts';
import { RUN_STREAM } from '../core/node.ts';
import { redisJournal } from '../journal/redis.ts';
import { connectRedis } from '../queue/connection.ts';
import { ensureRedis } from '../queue/redis-server.ts';
import { readSpec } from '../queue/run-state.ts';
import { wallClock } from '../channels/wall-clock.ts';

const EVERY_MS = 300;

/**
 * Plays the person of the demo: reads in the journal, as `drover watch` would, that a VM is to be moved, and moves it.
 *
 * Knows nothing but what is shown to people, so that what it does is what a person would have to do.
 *
 * @param faulty a node that boots wrong once: what is wrong with it is mended as soon as it has
 */
export const playPerson = (
  sim: Sim,
  stateDir: string,
  faulty: string | undefined,
  say: (line: string) => void,
  signal: AbortSignal,
): { stop(): Promise<void> } => {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const moves = new Map<string, number>();
  const play = async (): Promise<void> => {
    const redis = connectRedis({ socket: await ensureRedis({ stateDir }), name: 'drover-demo-person' });
    const journal = redisJournal(redis);
    try {
      while (!both.aborted) {
        if (faulty !== undefined && sim.node(faulty).bootCount > 1) sim.setFaults(faulty, {});
        for (const run of await journal.runs()) {
          const spec = await readSpec(journal, run);
          for (const { name } of spec?.nodes ?? []) {
            if (name === RUN_STREAM) continue;
            const asked = (await journal.read(run, name)).filter((event) => event.type === 'step.asked');
            const last = asked.at(-1);
            if (last === undefined || asked.length === moves.get(name)) continue;
            moves.set(name, asked.length);
            say(`         (the person of the demo: ${last.instructions} – done)`);
            sim.person.moveAndRestart(name, last.step.startsWith('undo.') ? 'ci' : 'services');
          }
        }
        await wallClock.sleep(EVERY_MS, both);
      }
    } finally {
      redis.disconnect();
    }
  };
  const playing = play();
  return {
    stop: async () => {
      stop.abort();
      await playing.catch((error: unknown) => say(`the person of the demo stumbled: ${String(error)}`));
    },
  };
};
