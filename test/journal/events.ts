import { randomUUID } from 'node:crypto';
import type { NewEvent, NodeEvent } from '../../src/core/event.ts';
import type { AppendAt, Journal, StreamEvent } from '../../src/core/ports.ts';

/** An event that tells which one it is. */
export const note = (step: string): NewEvent => ({ type: 'step.asked', step, instructions: 'look' });
export const behind = (afterSeq: number, fence = 1, nonce: string = randomUUID()): AppendAt => ({ afterSeq, fence, nonce });
export const runId = (): string => randomUUID().slice(0, 8);

/** Appends `count` events to one stream, one by one. */
export const fill = async (journal: Journal, run: string, count: number, afterSeq = 0, stream = 'node-1'): Promise<void> => {
  for (let seq = afterSeq; seq < afterSeq + count; seq += 1) await journal.append(run, stream, behind(seq), note(`step-${seq + 1}`));
};

/** Follows a run until so many events have come, then aborts. */
export const take = async (journal: Journal, run: string, after: string, count: number): Promise<readonly StreamEvent[]> => {
  const stop = new AbortController();
  const events: StreamEvent[] = [];
  for await (const one of journal.followRun(run, after, stop.signal)) {
    events.push(one);
    if (events.length === count) stop.abort();
  }
  return events;
};

/** What each event is about. */
export const steps = (events: readonly NodeEvent[]): readonly string[] =>
  events.map((event) => ('step' in event ? event.step : event.type));
/** Where each event stands. */
export const told = (events: readonly StreamEvent[]): readonly string[] => events.map(({ stream, event }) => `${stream} ${event.seq}`);
/** The steps that `fill` writes. */
export const upTo = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `step-${from + index}`);
