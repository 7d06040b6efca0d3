import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { readRun } from '../queue/run-state.ts';
import { paintFor } from '../words/text.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { outcomeCode } from './follow.ts';
import { lookOf } from './has-screen.ts';
import { screenWorld } from './screen-world.ts';

/** What the screen is opened with besides the run. */
export type ScreenOptions = {
  /** Whether this process works on the run. */
  working(): boolean;
  /** Plays the history, so many times faster than it was. */
  readonly speed?: number;
};

/** How a run stands when its screen is left: on the terminal, in lines that stay. */
const tellStanding = async (
  cli: Cli,
  drover: Drover,
  runId: string,
  spec: RunSpec,
): Promise<{ readonly code: ExitCode; readonly left: boolean }> => {
  const { run, nodes } = await readRun(drover.station.journal, runId, spec);
  // needed when the screen is left
  const [{ startView }, { closingLines }] = await Promise.all([import('./plain.ts'), import('./summary.ts')]);
  const view = startView(
    runId,
    spec.nodes.map(({ name }) => name),
  );
  const lines = closingLines({ ...view, streams: { ...nodes, [RUN_STREAM]: run } }, { now: Date.now() }, paintFor(cli.stdout, cli.env));
  for (const line of lines) cli.stdout.write(`${line}\n`);
  if (run.runOutcome !== undefined) return { code: outcomeCode(run.runOutcome), left: false };
  return { code: run.halted === undefined ? exitCodes.interrupted : exitCodes.waiting, left: true };
};

/**
 * Shows a run on the whole terminal until somebody leaves.
 *
 * @returns the exit code of the run; `left` when it had not ended
 */
export const openScreen = async (
  cli: Cli,
  drover: Drover,
  runId: string,
  spec: RunSpec,
  options: ScreenOptions,
): Promise<{ readonly code: ExitCode; readonly left: boolean }> => {
  const { terminal } = cli;
  if (terminal === null) throw new TypeError('the screen was opened without a terminal');
  const [{ watchRun }, world] = await Promise.all([
    import('../tui/app/watch.ts'),
    screenWorld(cli, drover, runId, spec, () => options.working()),
  ]);
  const { speed } = options;
  const watching = watchRun(world, terminal, { ...lookOf(cli), ...(speed !== undefined && { speed }) }, cli.interrupted());
  const release = cli.hold((line) => watching.heard(line));
  try {
    await watching.left;
  } finally {
    release();
  }
  return tellStanding(cli, drover, runId, spec);
};
