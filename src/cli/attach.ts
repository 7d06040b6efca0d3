import type { RunSpec } from '../core/event.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import type { OutputFlags } from './flags.ts';
import { tellRun } from './follow.ts';
import { teller } from './teller.ts';
import { othersWork, startWorkers } from './workers.ts';

const CONCURRENCY = 10;

/**
 * Stays with a run until it ends or waits for a person, and works on it here when nobody else does.
 *
 * @param after where to begin telling, by stream
 */
export const attach = async (
  cli: Cli,
  drover: Drover,
  runId: string,
  spec: RunSpec,
  flags: OutputFlags,
  after: Readonly<Record<string, number>>,
): Promise<ExitCode> => {
  const signal = cli.interrupted();
  const told = teller(cli, runId, spec, flags);
  const others = await othersWork(drover);
  const working = others
    ? undefined
    : await startWorkers(drover, { concurrency: CONCURRENCY, warn: (line) => cli.stderr.write(`drover: ${line}\n`) });
  try {
    const code = await tellRun(drover.station.journal, runId, spec, after, signal, (one) => told.tell(one));
    if (code === exitCodes.interrupted && signal.aborted) {
      cli.stderr.write(
        others
          ? `drover: left run ${runId}; the workers go on with it: drover watch ${runId}\n`
          : `drover: nobody works on run ${runId} now; nodes stay as they are: drover resume ${runId} goes on, drover rollback ${runId} takes it back\n`,
      );
    }
    return code;
  } finally {
    await working?.stop();
    await told.end();
  }
};
