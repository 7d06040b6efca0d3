import type { RunSpec } from '../core/event.ts';
import { readRun } from '../queue/run-state.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import type { OutputFlags } from './flags.ts';
import { type Tail, tellRun } from './follow.ts';
import { hasScreen } from './has-screen.ts';
import { knownHostsOffer } from './known-hosts-offer.ts';
import { openScreen } from './screen.ts';
import { teller } from './teller.ts';
import { othersWork } from './workers-now.ts';
import { type Working, startWorkers } from './workers.ts';

const CONCURRENCY = 10;
/** How often somebody who only watches sees whether the workers are still there. */
const LOOK_MS = 2000;

/**
 * Works on runs here as soon as nobody else does, until stopped: a run must not say that it runs while nobody runs it.
 */
const workIfAlone = (
  cli: Cli,
  drover: Drover,
  runId: string,
): { working(): boolean; readonly failed: Promise<never>; stop(): Promise<void> } => {
  const ended = new AbortController();
  const failure = Promise.withResolvers<never>();
  let working: Working | undefined;
  // until somebody else is seen at work, it is this process that is about to
  let alone = true;
  const watch = async (): Promise<void> => {
    while (!ended.signal.aborted && working === undefined) {
      alone = !(await othersWork(drover, runId).catch(() => true));
      if (alone && !ended.signal.aborted) {
        working = await startWorkers(drover, { concurrency: CONCURRENCY, warn: (line) => cli.stderr.write(`drover: ${line}\n`) });
        working.failed.catch(failure.reject);
      } else await drover.station.clock.sleep(LOOK_MS, ended.signal);
    }
  };
  const watching = watch();
  return {
    working: () => alone,
    failed: failure.promise,
    stop: async () => {
      ended.abort();
      await watching;
      await working?.stop();
    },
  };
};

/** Tells a run in lines until it ends or waits for a person, or somebody leaves. */
const tellLines = async (
  cli: Cli,
  drover: Drover,
  runId: string,
  spec: RunSpec,
  flags: OutputFlags,
  after: Tail,
): Promise<{ readonly code: ExitCode; readonly left: boolean }> => {
  const { journal } = drover.station;
  const signal = cli.interrupted();
  const told = teller(cli, runId, spec, flags);
  told.recall(after.before);
  const code = await tellRun(journal, runId, after, signal, (one) => told.tell(one)).finally(() => told.end());
  return { code, left: code === exitCodes.interrupted && signal.aborted };
};

/**
 * Stays with a run until it ends or waits for a person, and works on it here while nobody else does.
 *
 * @param after where to begin telling
 */
export const attach = async (
  cli: Cli,
  drover: Drover,
  runId: string,
  spec: RunSpec,
  flags: OutputFlags,
  after: Tail,
): Promise<ExitCode> => {
  const work = workIfAlone(cli, drover, runId);
  const watched = hasScreen(cli, flags)
    ? openScreen(cli, drover, runId, spec, { working: work.working })
    : tellLines(cli, drover, runId, spec, flags, after);
  try {
    const { code, left } = await Promise.race([watched, work.failed]);
    if (code === exitCodes.done && flags.json !== true) {
      const offer = async (): Promise<readonly string[]> =>
        knownHostsOffer(cli, runId, spec, (await readRun(drover.station.journal, runId, spec)).nodes);
      // the run has ended as wished, whether or not this can be told
      for (const line of await offer().catch(() => [])) cli.stdout.write(`${line}\n`);
    }
    if (left) {
      cli.stderr.write(
        work.working()
          ? `drover: nobody works on run ${runId} now; nodes stay as they are: drover resume ${runId} goes on, drover rollback ${runId} takes it back\n`
          : `drover: left run ${runId}; the workers go on with it: drover watch ${runId}\n`,
      );
    }
    return code;
  } finally {
    await work.stop();
  }
};
