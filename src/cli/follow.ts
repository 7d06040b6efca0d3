import type { NodeEvent, RunOutcome, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal } from '../core/ports.ts';
import { fold } from '../core/reduce.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';

/** An event and the stream it stands in: a node's name, or the run's own. */
export type Told = { readonly stream: string; readonly event: NodeEvent };

/** Follows all streams of a run at once, each from behind its `after` (0: from the beginning), until the signal. */
export async function* followRun(
  journal: Journal,
  runId: string,
  spec: RunSpec,
  after: Readonly<Record<string, number>>,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const streams = [RUN_STREAM, ...spec.nodes.map(({ name }) => name)];
  const waiting: Told[] = [];
  let failed: unknown;
  let wake: () => void = () => undefined;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const pump = async (stream: string): Promise<void> => {
    for await (const event of journal.follow(runId, stream, after[stream] ?? 0, both)) {
      waiting.push({ stream, event });
      wake();
    }
  };
  const pumps = streams.map((stream) =>
    pump(stream).catch((error: unknown) => {
      failed ??= error;
      wake();
    }),
  );
  try {
    while (!both.aborted) {
      const next = waiting.shift();
      if (next) yield next;
      else if (failed !== undefined) throw failed;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          both.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    }
  } finally {
    stop.abort();
    await Promise.allSettled(pumps);
  }
}

/** The exit code of an outcome. */
export const outcomeCode = (outcome: RunOutcome): ExitCode => {
  switch (outcome) {
    case 'refused':
      return exitCodes.usage;
    case 'succeeded':
      return exitCodes.done;
    case 'failed':
      return exitCodes.failed;
    case 'rolled-back':
      return exitCodes.rolledBack;
    case 'cancelled':
      return exitCodes.interrupted;
  }
};

/**
 * Tells every event until the run ends, halts, or the signal aborts; says how.
 *
 * @returns the exit code: of the outcome, 4 when it waits for a person, 130 when the signal came first
 */
export const tellRun = async (
  journal: Journal,
  runId: string,
  spec: RunSpec,
  after: Readonly<Record<string, number>>,
  signal: AbortSignal,
  tell: (told: Told) => void,
): Promise<ExitCode> => {
  for await (const told of followRun(journal, runId, spec, after, signal)) {
    tell(told);
    const { type } = told.event;
    if (type !== 'run.finished' && type !== 'run.halted') continue;
    // history may go on behind it: a replay, a resume
    const now = fold(await journal.read(runId, RUN_STREAM));
    if (now.seq !== told.event.seq) continue;
    return now.runOutcome === undefined ? exitCodes.waiting : outcomeCode(now.runOutcome);
  }
  return exitCodes.interrupted;
};

/** The last sequence number of every stream, to follow only what comes from now on. */
export const tails = async (journal: Journal, runId: string, spec: RunSpec): Promise<Readonly<Record<string, number>>> => {
  const streams = [RUN_STREAM, ...spec.nodes.map(({ name }) => name)];
  const seqs = await Promise.all(streams.map(async (stream) => [stream, (await journal.read(runId, stream)).at(-1)?.seq ?? 0] as const));
  return Object.fromEntries(seqs);
};

/** What stands in the journal up to where the telling begins. */
export const toldUntil = async (journal: Journal, runId: string, after: Readonly<Record<string, number>>): Promise<readonly Told[]> => {
  const streams = await Promise.all(
    Object.entries(after).map(async ([stream, last]) =>
      (await journal.read(runId, stream)).filter(({ seq }) => seq <= last).map((event): Told => ({ stream, event })),
    ),
  );
  return streams.flat();
};
