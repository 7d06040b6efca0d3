import type { NodeEvent, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { plainLines, startView, type PlainOptions, type PlainView } from './plain.ts';
import { rolloutLines } from '../words/rollout.ts';
import { dateTime } from './run-table.ts';
import { closingLines } from './summary.ts';

/** A stream of a run and all that stands in it. */
export type StreamHistory = { readonly stream: string; readonly events: readonly NodeEvent[] };

/** How the run was meant: over which nodes in which order, and by whose plan. */
const meantLines = (spec: RunSpec, timeZone: string | undefined): readonly string[] => {
  const { approved } = spec;
  const plan = approved && `plan ${approved.sha256.slice(0, 8)}, planned by ${approved.by} at ${dateTime(approved.at, timeZone)}`;
  return [...rolloutLines(spec), ...(plan === undefined ? [] : [plan])];
};

/** A whole run for people: how it was meant, what became of it, then node by node, and in the last lines what is to be done now. */
export const historyLines = (
  runId: string,
  spec: RunSpec,
  streams: readonly StreamHistory[],
  { now, ...options }: PlainOptions & { readonly now: number },
): readonly string[] => {
  let view: PlainView = startView(
    runId,
    spec.nodes.map(({ name }) => name),
  );
  const lines: string[] = [...meantLines(spec, options.timeZone)];
  for (const { stream, events } of streams) {
    if (lines.length > 0 && stream !== streams[0]?.stream) lines.push('');
    if (events.length === 0 && stream !== RUN_STREAM) lines.push(`${stream}: nothing was done yet`);
    for (const event of events) {
      // what was to be done then may be done by now; what is left comes at the end
      const told = plainLines(view, stream, event, { ...options, todos: false });
      view = told.view;
      lines.push(...told.lines);
    }
  }
  return [
    ...lines,
    '',
    ...closingLines(view, { now, ...(options.timeZone !== undefined && { timeZone: options.timeZone }) }, options.paint),
  ];
};
