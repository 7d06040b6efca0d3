import { readRun, readSpec } from '../../queue/run-state.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { type RunNow, runStanding, runTable } from '../run-table.ts';
import { standing } from '../summary.ts';

/** The flags of `drover runs`. */
export type RunsFlags = JsonFlag;

/** Lists the runs, newest first. */
export async function runs(this: Cli, flags: RunsFlags): Promise<void> {
  await using drover = await openDrover(this, 'runs');
  const { journal } = drover.station;
  const all: RunNow[] = [];
  for (const runId of await journal.runs()) {
    const spec = await readSpec(journal, runId);
    // registered, but its first event was never written: whoever started it died there, and nothing was touched
    if (spec) all.push({ runId, spec, ...(await readRun(journal, runId, spec)) });
  }
  if (flags.json === true) {
    for (const one of all) {
      const { runId, spec, run, nodes } = one;
      const states = Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, standing(node)]));
      const line = {
        run: runId,
        runbook: spec.runbook,
        stands: runStanding(one),
        startedAt: run.startedAt,
        endedAt: run.runEndedAt,
        nodes: states,
      };
      this.stdout.write(`${JSON.stringify(line)}\n`);
    }
    return;
  }
  if (all.length === 0) this.stdout.write('no run yet; drover run RUNBOOK starts one, drover demo shows how that looks\n');
  else for (const line of runTable(all, Date.now())) this.stdout.write(`${line}\n`);
}
