import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import type { lotShape } from './many.ts';
import { live } from './world.ts';

// a story is told by a second life of the same world; in the first, nobody reads where an error came from
Error.stackTraceLimit = 0;

const lot = z.object({ from: z.number(), to: z.number() });

/** Lives through worlds one after another, up to the first that fails. */
const many = async (from: number, to: number): Promise<z.infer<typeof lotShape>> => {
  const since = process.threadCpuUsage();
  const outcomes: Record<string, number> = {};
  let failed: z.infer<typeof lotShape>['failed'] = null;
  let worlds = 0;
  for (let seed = from; seed < to && !failed; seed += 1) {
    const { wrong, outcome } = await live(seed);
    worlds += 1;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (wrong.length > 0) failed = { seed, wrong: [...wrong] };
  }
  const { user, system } = process.threadCpuUsage(since);
  return { worlds, cpuMs: (user + system) / 1000, outcomes, failed };
};

parentPort?.on('message', (message) => {
  const { from, to } = lot.parse(message);
  void many(from, to).then((result) => parentPort?.postMessage(result));
});
