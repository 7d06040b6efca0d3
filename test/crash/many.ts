import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** A world that failed, and what was wrong. */
export type Failed = { readonly seed: number; readonly wrong: readonly string[] };
/** What came of many worlds. The failed one is that of the lowest seed that was found. */
export type Many = {
  readonly worlds: number;
  readonly wallMs: number;
  /** Of all threads together. */
  readonly cpuMs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failed: Failed | undefined;
};

/** What a thread tells after each lot of worlds. */
export const lotShape = z.object({
  worlds: z.number(),
  cpuMs: z.number(),
  outcomes: z.record(z.string(), z.number()),
  failed: z.object({ seed: z.number(), wrong: z.array(z.string()) }).nullable(),
});

/** How many worlds a thread takes at a time: so many also share what was compiled and remembered. */
const LOT = 100;

/** Lives through worlds with seeds from `from` on, side by side; stops soon after the first that fails. */
export const runMany = async (options: { readonly from: number; readonly worlds: number; readonly threads: number }): Promise<Many> => {
  const since = performance.now();
  const end = options.from + options.worlds;
  let next = options.from;
  let worlds = 0;
  let cpuMs = 0;
  const outcomes: Record<string, number> = {};
  const failed: Failed[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL('thread.ts', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 64 } });
      const give = (): void => {
        if (next >= end || failed.length > 0) {
          void thread.terminate().then(() => resolve());
          return;
        }
        const from = next;
        next = Math.min(end, next + LOT);
        thread.postMessage({ from, to: next });
      };
      thread.on('error', reject);
      thread.on('message', (message) => {
        const lot = lotShape.parse(message);
        worlds += lot.worlds;
        cpuMs += lot.cpuMs;
        for (const [outcome, count] of Object.entries(lot.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
        if (lot.failed) failed.push(lot.failed);
        give();
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(options.threads, Math.ceil(options.worlds / LOT)) }, work));
  const [first] = failed.toSorted((a, b) => a.seed - b.seed);
  return { worlds, wallMs: performance.now() - since, cpuMs, outcomes, failed: first };
};
