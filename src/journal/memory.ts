import type { Control, NewEvent, NodeEvent } from '../core/event.ts';
import { laterId } from '../core/controls.ts';
import type { Journal, StreamEvent } from '../core/ports.ts';
import { conflict } from './conflict.ts';
import { OUTPUT_LINES } from './limits.ts';
import { asWritten, readControl } from './records.ts';

type OutputLine = { readonly at: number; readonly step: string; readonly line: string };
type Stream = { readonly events: NodeEvent[]; fence: number; nonce: string; output: OutputLine[] };
/** All events of a run in the order in which they were written; a cursor is a place in it. */
type Feed = { readonly events: StreamEvent[]; readonly waiting: Set<() => void> };

/** The value of a key, made and kept when it is asked for the first time. */
const kept = <V>(map: Map<string, V>, key: string, make: () => V): V => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};

/** Waits for the next append or the signal, whichever is first. */
const appended = (feed: Feed, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      feed.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    feed.waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });

/** What was read back of texts that were written before: a fleet says the same again and again, and checking takes longer than remembering. */
const readBack = new Map<string, NewEvent>();
const KEEP = 20_000;

const checked = (event: NewEvent, where: string): NewEvent => {
  const text = JSON.stringify(event);
  const known = readBack.get(text);
  if (known) return known;
  const { event: read } = asWritten(event, where);
  if (readBack.size >= KEEP) readBack.clear();
  readBack.set(text, read);
  return read;
};

/** A journal that lives as long as the process. @param now epoch milliseconds */
export const memoryJournal = (now: () => number): Journal => {
  const streams = new Map<string, Stream>();
  const feeds = new Map<string, Feed>();
  const said = new Map<string, Control[]>();
  const registered: string[] = [];
  const streamOf = (run: string, stream: string): Stream =>
    kept(streams, `${run}/${stream}`, () => ({ events: [], fence: 0, nonce: '', output: [] }));
  const feedOf = (run: string): Feed => kept(feeds, run, () => ({ events: [], waiting: new Set() }));
  return {
    read: async (run, stream, afterSeq = 0) => streamOf(run, stream).events.slice(afterSeq),
    append: async (run, name, at, event) => {
      const stream = streamOf(run, name);
      const last = stream.events.at(-1);
      const seq = last?.seq ?? 0;
      if (last && stream.nonce === at.nonce && seq === at.afterSeq + 1) return last;
      if (at.fence < stream.fence || at.afterSeq !== seq) throw conflict(run, name, at, { seq, fence: stream.fence });
      const plain = checked(event, `run ${run}, ${name}: event ${seq + 1}`);
      const written: NodeEvent = { ...plain, seq: seq + 1, at: Math.max(last?.at ?? 0, now()) };
      stream.events.push(written);
      stream.fence = at.fence;
      stream.nonce = at.nonce;
      const feed = feedOf(run);
      feed.events.push({ stream: name, event: written });
      for (const wake of feed.waiting) wake();
      return written;
    },
    changed: async (run, after) => {
      const { events } = feedOf(run);
      return { streams: [...new Set(events.slice(Number(after)).map(({ stream }) => stream))], cursor: String(events.length) };
    },
    async *followRun(run, after, signal) {
      const feed = feedOf(run);
      for (let index = Number(after); !signal.aborted;) {
        const event = feed.events[index];
        if (event) {
          index += 1;
          yield event;
        } else {
          await appended(feed, signal);
        }
      }
    },
    control: async (run, record) => {
      const records = kept(said, run, () => []);
      const [lastMs = 0, lastN = 0] = records.at(-1)?.id.split('-').map(Number) ?? [];
      const at = Math.max(lastMs, now());
      const plain = readControl(JSON.stringify(record), `run ${run}: the control record`) ?? record;
      const control: Control = { ...plain, id: `${at}-${at === lastMs ? lastN + 1 : 0}`, at };
      records.push(control);
      return control;
    },
    controls: async (run, after) => (said.get(run) ?? []).filter(({ id }) => after === undefined || laterId(id, after)),
    output: async (run, name, step, lines) => {
      const stream = streamOf(run, name);
      stream.output = [...stream.output, ...lines.map((line) => ({ at: now(), step, line }))].slice(-OUTPUT_LINES);
    },
    readOutput: async (run, name) => [...streamOf(run, name).output],
    register: async (run) => {
      if (!registered.includes(run)) registered.unshift(run);
    },
    runs: async () => [...registered],
  };
};
