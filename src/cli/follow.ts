import type { RunOutcome } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal, StreamEvent } from '../core/ports.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';

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

/** Where somebody begins to follow a run, and what had happened until then. */
export type Tail = {
  /** Of the journal: what is behind it is new. */
  readonly cursor: string;
  /** Stream by stream. */
  readonly before: readonly StreamEvent[];
};

/** For a run that is told from its first event. */
export const beginning: Tail = { cursor: '', before: [] };

/** Reads a run as it stands, to follow only what comes from now on. */
export const tailOf = async (journal: Journal, runId: string): Promise<Tail> => {
  const { streams, cursor } = await journal.changed(runId, '');
  const before = await Promise.all(
    streams.map(async (stream) => (await journal.read(runId, stream)).map((event): StreamEvent => ({ stream, event }))),
  );
  return { cursor, before: before.flat() };
};

/** Follows a run from behind its tail; what was written while the tail was read is in both, and comes once. */
export async function* behind(journal: Journal, runId: string, { cursor, before }: Tail, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const seen = new Map(before.map(({ stream, event }) => [stream, event.seq]));
  for await (const told of journal.followRun(runId, cursor, signal)) if (told.event.seq > (seen.get(told.stream) ?? 0)) yield told;
}

/**
 * Tells every event until the run ends, halts, or the signal aborts; says how.
 *
 * @returns the exit code: of the outcome, 4 when it waits for a person, 130 when the signal came first
 */
export const tellRun = async (
  journal: Journal,
  runId: string,
  after: Tail,
  signal: AbortSignal,
  tell: (told: StreamEvent) => void,
): Promise<ExitCode> => {
  for await (const told of behind(journal, runId, after, signal)) {
    tell(told);
    const { event } = told;
    if (event.type !== 'run.finished' && event.type !== 'run.halted') continue;
    // history may go on behind it: a replay, a resume
    if ((await journal.read(runId, RUN_STREAM, event.seq)).length > 0) continue;
    return event.type === 'run.halted' ? exitCodes.waiting : outcomeCode(event.outcome);
  }
  return exitCodes.interrupted;
};
