import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { workerTable } from '../worker-table.ts';
import { workersNow } from '../workers-now.ts';

/** The flags of `drover workers`. */
export type WorkersFlags = JsonFlag;

/** Lists the workers that have shown a sign of life in the last seconds. */
export async function workers(this: Cli, flags: WorkersFlags): Promise<void> {
  await using drover = await openDrover(this, 'workers');
  const all = await workersNow(drover);
  if (flags.json === true) for (const worker of all) this.stdout.write(`${JSON.stringify(worker)}\n`);
  else if (all.length === 0) this.stdout.write('no worker is at work; drover worker starts one, and drover run works by itself\n');
  else for (const line of workerTable(all, Date.now())) this.stdout.write(`${line}\n`);
}
