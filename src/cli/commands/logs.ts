import { setTimeout as wait } from 'node:timers/promises';
import { RUN_STREAM } from '../../core/node.ts';
import { fold } from '../../core/reduce.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { JsonFlag } from '../flags.ts';
import { type OutputLine, newLines, nothingPrinted, showOutput } from '../output-lines.ts';
import { findRun, nodesOfRun } from '../say.ts';

/** The flags of `drover logs`. */
export type LogsFlags = JsonFlag & { readonly follow?: boolean; readonly step?: string };

const POLL_MS = 500;

/** Prints what the commands of a run printed. */
export async function logs(this: Cli, flags: LogsFlags, run: string, node?: string): Promise<void> {
  await using drover = await openDrover(this, 'logs');
  const { journal } = drover.station;
  const { runId, spec } = await findRun(drover, run);
  const streams = nodesOfRun(runId, spec, node === undefined ? [] : [node]).nodes ?? [RUN_STREAM, ...spec.nodes.map(({ name }) => name)];
  const print = (stream: string, one: OutputLine): void => {
    if (flags.step !== undefined && one.step !== flags.step) return;
    this.stdout.write(flags.json === true ? `${JSON.stringify({ run: runId, node: stream, ...one })}\n` : `${showOutput(stream, one)}\n`);
  };
  const marks = new Map(streams.map((stream) => [stream, nothingPrinted]));
  const printNew = async (): Promise<void> => {
    for (const stream of streams) {
      const { fresh, printed } = newLines(await journal.readOutput(runId, stream), marks.get(stream) ?? nothingPrinted);
      marks.set(stream, printed);
      for (const one of fresh) print(stream, one);
    }
  };
  if (flags.follow !== true) {
    await printNew();
    if (flags.json !== true && [...marks.values()].every(({ at }) => at === 0))
      this.stderr.write('drover: nothing was printed, or it is no longer kept\n');
    return;
  }
  const signal = this.interrupted();
  while (!signal.aborted) {
    // first the state, then the lines: what is printed before the end is not missed
    const ended = fold(await journal.read(runId, RUN_STREAM)).runOutcome !== undefined;
    await printNew();
    if (ended) return;
    await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  this.exit(exitCodes.interrupted);
}
