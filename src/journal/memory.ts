import { JournalConflictError } from '../core/error.ts';
import type { Control, NodeEvent } from '../core/event.ts';
import type { Journal } from '../core/ports.ts';

type Stream = { fence: number; nonce: string; readonly events: NodeEvent[]; readonly wakes: Set<() => void> };
type Line = { readonly at: number; readonly step: string; readonly line: string };

const OUTPUT_LINES = 5000;

/**
 * A journal in this process' memory, with the same rules as the one in Redis; for simulations and tests.
 *
 * @param now epoch milliseconds
 */
export const memoryJournal = (now: () => number): Journal => {
  const streams = new Map<string, Stream>();
  const said = new Map<string, Control[]>();
  const printed = new Map<string, Line[]>();
  const names: string[] = [];
  const streamOf = (run: string, name: string): Stream => {
    const key = `${run}/${name}`;
    const known = streams.get(key);
    if (known) return known;
    const made: Stream = { fence: 0, nonce: '', events: [], wakes: new Set() };
    streams.set(key, made);
    return made;
  };
  return {
    read: async (run, name) => Promise.resolve([...streamOf(run, name).events]),
    append: async (run, name, at, event) => {
      await Promise.resolve();
      const stream = streamOf(run, name);
      const tail = stream.events.at(-1);
      if (tail && stream.nonce === at.nonce && tail.seq === at.afterSeq + 1) return tail;
      if (at.fence < stream.fence) throw new JournalConflictError(`${run}/${name}: fence ${at.fence} is older than ${stream.fence}`);
      if (at.afterSeq !== stream.events.length) {
        throw new JournalConflictError(`${run}/${name}: somebody else wrote record ${stream.events.length}, I was to follow ${at.afterSeq}`);
      }
      const written: NodeEvent = { ...event, seq: at.afterSeq + 1, at: now() };
      stream.fence = at.fence;
      stream.nonce = at.nonce;
      stream.events.push(written);
      for (const wake of stream.wakes) wake();
      return written;
    },
    follow: async function* (run, name, afterSeq, signal) {
      const stream = streamOf(run, name);
      let at = afterSeq;
      while (!signal.aborted) {
        const event = stream.events[at];
        if (event) {
          at += 1;
          yield event;
          continue;
        }
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            stream.wakes.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          stream.wakes.add(wake);
          signal.addEventListener('abort', wake, { once: true });
        });
      }
    },
    control: async (run, record) => {
      const records = said.get(run) ?? [];
      const at = now();
      const stored: Control = { ...record, id: `${at}-${records.length + 1}`, at };
      said.set(run, [...records, stored]);
      return Promise.resolve(stored);
    },
    controls: async (run) => Promise.resolve(said.get(run) ?? []),
    output: async (run, name, step, lines) => {
      const key = `${run}/${name}`;
      const all = [...(printed.get(key) ?? []), ...lines.map((line) => ({ at: now(), step, line }))];
      printed.set(key, all.slice(-OUTPUT_LINES));
      return Promise.resolve();
    },
    readOutput: async (run, name) => Promise.resolve(printed.get(`${run}/${name}`) ?? []),
    register: async (run) => {
      if (!names.includes(run)) names.unshift(run);
      return Promise.resolve();
    },
    runs: async () => Promise.resolve([...names]),
  };
};
