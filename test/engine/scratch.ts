import { JournalConflictError } from '../../src/core/error.ts';
import type { Control, NodeEvent } from '../../src/core/event.ts';
import type { Journal } from '../../src/core/ports.ts';
export const memoryJournal = (now: () => number): Journal => {
  const streams = new Map<string, { fence: number; events: NodeEvent[] }>();
  const said: Control[] = [];
  const of = (run: string, s: string) => { const k = `${run}/${s}`; let e = streams.get(k); if (!e) { e = { fence: 0, events: [] }; streams.set(k, e); } return e; };
  return {
    read: async (r, s) => [...of(r, s).events],
    append: async (r, s, at, event) => {
      const st = of(r, s);
      if (at.fence < st.fence || at.afterSeq !== st.events.length) throw new JournalConflictError(`conflict ${at.fence} ${st.fence} ${at.afterSeq} ${st.events.length}`);
      st.fence = at.fence;
      const e = { ...event, seq: at.afterSeq + 1, at: now() };
      st.events.push(e);
      return e;
    },
    follow: async function* () {},
    control: async (_r, rec) => { const c = { ...rec, id: `${now()}-${said.length + 1}`, at: now() }; said.push(c); return c; },
    controls: async () => [...said],
    output: async () => undefined,
    readOutput: async () => [],
    register: async () => undefined,
    runs: async () => [],
  };
};
