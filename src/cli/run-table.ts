import type { RunSpec } from '../core/event.ts';
import { showMs } from '../core/duration.ts';
import type { NodeRun } from '../core/reduce.ts';
import { standing } from './summary.ts';
import { table } from '../words/text.ts';

/** A run as it stands, folded from its streams. */
export type RunNow = {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly run: NodeRun;
  readonly nodes: Readonly<Record<string, NodeRun>>;
};

/** How a run stands, in a word: its outcome, `halted`, or `running`. */
export const runStanding = ({ run }: RunNow): string => run.runOutcome ?? (run.halted === undefined ? 'running' : 'halted');

/** A date and time in this machine's zone, `2026-11-21 12:03`. */
export const dateTime = (at: number, timeZone?: string): string =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', ...(timeZone !== undefined && { timeZone }) }).format(at);

const nodeCounts = (nodes: readonly NodeRun[]): string => {
  const words = nodes.map(standing);
  return [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`).join(', ');
};

/** The runs as lines of a table, with a heading. */
export const runTable = (runs: readonly RunNow[], now: number, timeZone?: string): readonly string[] =>
  table([
    ['RUN', 'RUNBOOK', 'STARTED', 'TOOK', 'STANDS', 'NODES'],
    ...runs.map((one) => {
      const started = one.run.startedAt;
      return [
        one.runId,
        one.spec.runbook.replace(/^.*\//, ''),
        started === undefined ? '-' : dateTime(started, timeZone),
        started === undefined ? '-' : showMs((one.run.runEndedAt ?? now) - started),
        runStanding(one),
        nodeCounts(Object.values(one.nodes)),
      ];
    }),
  ]);
