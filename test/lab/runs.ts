import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { type PrintedEvent, type Spawned, eventsIn } from './drover.ts';
import { chart } from './helm.ts';
import type { Lab } from './lab.ts';
import { timed } from './log.ts';
import { type Result, must } from './process.ts';
import { kernelStarts } from './vm.ts';
import { poll } from './wait.ts';

const repository = path.join(import.meta.dirname, '../..');

/** Builds the command line that the suites run. */
export const buildDrover = async (): Promise<void> => {
  const tsc = path.join(repository, 'node_modules/.bin/tsc');
  await timed('built drover', () => must(tsc, ['-p', 'tsconfig.build.json'], { cwd: repository, timeoutMs: 300_000 }));
};

/** The arguments that migrate nodes of the lab. */
export const migrate = (
  command: 'plan' | 'run',
  nodes: readonly string[],
  move: 'none' | 'person',
  ...more: readonly string[]
): string[] => {
  const params = ['gateway=10.77.1.1', 'connection=ens192', 'modules=["iptable_nat","iptable_filter"]', `move=${move}`, `chart=${chart}`];
  return [command, 'migrate-runner-node', ...nodes, ...params.flatMap((param) => ['--set', param]), ...more];
};

/** Bound of a whole run on one node. A quiet machine needs two minutes. */
export const runWithinMs = 600_000;

/** The run's id, from what `--json` printed. */
export const runOf = (result: Pick<Result, 'stdout'>): string => {
  const line = result.stdout.split('\n').find((each) => each.startsWith('{')) ?? '';
  return z.looseObject({ run: z.string() }).parse(JSON.parse(line)).run;
};

/** Holds how a run that was followed with `--json` ended: its exit code, and `run.finished` as the last line. */
export const expectEnd = (result: Result, exitCode: number, outcome: string): readonly PrintedEvent[] => {
  const events = eventsIn(result.stdout);
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome });
  expect(result.exitCode).toBe(exitCode);
  return events;
};

/** Starts a worker, and waits until it says that it works. */
export const startWorker = async (lab: Lab): Promise<Spawned> => {
  const worker = lab.droverSpawn(['worker']);
  await poll('the worker is at work', { withinMs: 60_000, everyMs: 100 }, async () =>
    worker.printed().stderr.includes('takes up to') ? true : undefined,
  );
  return worker;
};

/** Waits until the machine has begun to boot: its kernel greets on the console, sshd does not run yet. */
export const kernelStarted = (lab: Lab, name: string, count: number): Promise<true> =>
  poll(`${name} boots`, { withinMs: 400_000, everyMs: 200 }, async () =>
    (await kernelStarts(lab.place, lab.node(name).machine)) >= count ? true : undefined,
  );
