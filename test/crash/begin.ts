import type { RunSpec } from '../../src/core/event.ts';
import { beginRun } from '../../src/queue/begin-run.ts';
import { LEASE_MS, type Station } from '../../src/queue/station.ts';
import type { Chance } from './chance.ts';
import type { Battlefield } from './field.ts';
import { type Process, startProcess } from './process.ts';

/** Whoever started the run went away before they had woken it. */
export type Begun = { readonly unwoken: boolean };

/** Somebody starts the run with `drover run`, which may be killed at any moment; then they look, and do it again if nothing has begun. */
export const begin = (
  chance: Chance,
  { time, book }: Battlefield,
  stationOf: (process: Process) => Station,
  runId: string,
  spec: RunSpec,
): Begun => {
  const begun = { unwoken: true };
  let tries = 0;
  const start = (): void => {
    const process = startProcess(`starter${(tries += 1)}`, time, chance.apart(), 2);
    if (tries === 1 && chance.maybe(0.1)) {
      const call = spec.nodes.length + chance.int(1, 8);
      process.trap({ kind: 'redis', call, when: chance.pick(['before', 'after']), spring: () => process.kill() });
    }
    const station = stationOf(process);
    const run = async (): Promise<void> => {
      for (const { name } of spec.nodes) await station.leases.reserve(name, runId, 'ann');
      await beginRun(station, runId, spec, 'ann');
      begun.unwoken = false;
    };
    const again = (): void => {
      if (!book.written.some(({ event }) => event.type === 'run.started')) start();
    };
    // who is told that Redis is gone looks at once, who sits before a dead terminal after a while
    run().catch(() => time.at(time.now() + 2000, again));
    time.at(time.now() + LEASE_MS + 2000, () => {
      if (process.state() === 'dead') again();
    });
  };
  start();
  return begun;
};
