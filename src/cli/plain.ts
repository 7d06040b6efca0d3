import type { NodeEvent } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { type NodeRun, emptyRun, reduce } from '../core/reduce.ts';
import { say } from '../words/events.ts';
import { todoOf } from '../words/todo.ts';
import { byTheClock, nextLines } from '../words/way-out.ts';
import { type Paint, noPaint } from '../words/text.ts';

/** What the plain output knows so far. Feed it events with `plainLines`, one after the other. */
export type PlainView = {
  readonly runId: string;
  /** What is known of each stream, by node name or `@run`. */
  readonly streams: Readonly<Record<string, NodeRun>>;
  readonly nodeWidth: number;
  readonly stepWidth: number;
};

/** How lines look. */
export type PlainOptions = {
  readonly paint?: Paint;
  /** An IANA name; the machine's own zone when left out. */
  readonly timeZone?: string;
  /** Whether lines follow that say what a person has to do; they do unless this is false. */
  readonly todos?: boolean;
};

const WIDEST_STEP = 34;

/** A view of a run before its first event; the names of its nodes make the columns even. */
export const startView = (runId: string, nodes: readonly string[]): PlainView => ({
  runId,
  streams: Object.fromEntries(nodes.map((name) => [name, emptyRun])),
  nodeWidth: Math.max(RUN_STREAM.length, ...nodes.map((name) => name.length)),
  stepWidth: 0,
});

/** The time of day of an event, `12:03:11`. */
export const clockTime = (at: number, timeZone: string | undefined): string =>
  new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  }).format(at);

const widest = (event: NodeEvent, view: PlainView): Pick<PlainView, 'nodeWidth' | 'stepWidth'> => {
  const names = event.type === 'run.started' ? event.spec.nodes.map(({ name }) => name.length) : [];
  const steps = event.type === 'plan.started' ? event.outline.map(({ id }) => id.length).filter((length) => length <= WIDEST_STEP) : [];
  return { nodeWidth: Math.max(view.nodeWidth, ...names), stepWidth: Math.max(view.stepWidth, ...steps) };
};

/** Whether an event leaves something for a person, so that the last line says what. */
const leavesWork = (event: NodeEvent): boolean =>
  event.type === 'node.parked' || (event.type === 'node.finished' && event.outcome === 'failed');

/** Tells one event as a line, and what a person has to do now as another where there is something. Pure. */
export const plainLines = (
  view: PlainView,
  stream: string,
  event: NodeEvent,
  { paint = noPaint, timeZone, todos = true }: PlainOptions = {},
): { readonly view: PlainView; readonly lines: readonly string[] } => {
  const before = view.streams[stream] ?? emptyRun;
  const after = reduce(before, event);
  const next: PlainView = { ...view, ...widest(event, view), streams: { ...view.streams, [stream]: after } };
  const { step, sign, words, colour } = say(event, before);
  const head = `${paint('dim', clockTime(event.at, timeZone))} ${paint('bold', stream.padEnd(next.nodeWidth))}  `;
  const text = `${sign} ${words}`;
  const line = `${head}${step === null ? '' : `${step.padEnd(next.stepWidth)}  `}${colour === undefined ? text : paint(colour, text)}`;
  const reading = { now: event.at, ...(timeZone !== undefined && { timeZone }) };
  const todo = todos && leavesWork(event) ? todoOf(view.runId, stream, after, reading) : undefined;
  // a webhook that fails as it did the last time says nothing new, nor does an event that only repeats what was asked
  if (event.type === 'notice.sent' && !event.ok && before.told?.why === event.why) return { view: next, lines: [] };
  if (event.type === 'node.parked' && Object.values(before.steps).some(({ asked }) => asked?.instructions === event.waitsFor)) {
    return { view: next, lines: todo === undefined ? [] : [todoLine(todo, paint)] };
  }
  const ways = todos && event.type === 'node.verdict' ? nextLines(event.next, byTheClock(reading)) : [];
  return { view: next, lines: [line, ...[...(todo === undefined ? [] : [todo]), ...ways].map((words) => todoLine(words, paint))] };
};

/** A line that says what a person has to do. */
export const todoLine = (todo: string, paint: Paint = noPaint): string => paint('yellow', `→ ${todo}`);
