import { sh } from '../../src/core/command.ts';
import type { NewControl, NodeEvent } from '../../src/core/event.ts';
import { reading } from '../../src/core/fact.ts';
import { layOut } from '../../src/core/plan.ts';
import type { Journal, Notifier, Sent } from '../../src/core/ports.ts';
import type { Notice } from '../../src/core/notice.ts';
import type { Ended } from '../../src/engine/world.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { person } from '../../src/steps/person.ts';
import { START } from '../sim/box.ts';
import { inTime } from './in-process.ts';
import { holdNode, meansOf, survived } from './means.ts';
import { type Toy, newToy, toyChannel, toyNode } from './toy.ts';

/** How often people are reminded here. */
export const REMIND_MS = 15 * 60_000;

/** A webhook: what it was told, in seconds since the beginning, and how it answers. */
export type Hook = { readonly told: string[]; answer: (notice: Notice, signal: AbortSignal) => Promise<Sent> };

/** A toy node that a person has to move, people who are told of it, and drover in virtual time. */
export type HeraldWorld = {
  readonly toy: Toy;
  readonly hook: Hook;
  readonly journal: Journal;
  seconds(): number;
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
  /** Lets time pass without drover. */
  pass(seconds: number): Promise<void>;
  /** Has something happen after so many seconds. */
  after(seconds: number, what: () => unknown): void;
  say(record: NewControl): Promise<void>;
  /** Works in holds, as a queue would, until the node ends or so many seconds are over; gives what the last hold came to. */
  work(seconds: number, options?: Working): Promise<Ended>;
  events(): Promise<readonly NodeEvent[]>;
  /** What the journal tells of notices. */
  noted(): Promise<readonly string[]>;
};

type Working = {
  readonly through?: (journal: Journal) => Journal;
  readonly fence?: number;
  readonly leaving?: AbortSignal;
  readonly once?: true;
};

const ok: Sent = { ok: true };

/** @param within how long the person has; null: as long as drover gives them */
export const heraldWorld = (
  options: { readonly within?: '1h' | null; readonly onFailure?: 'pause' | 'rollback'; readonly to?: string } = {},
): HeraldWorld => {
  const time = inTime();
  const { clock } = time;
  const toy = newToy();
  const journal = memoryJournal(() => clock.now());
  const hook: Hook = { told: [], answer: () => Promise.resolve(ok) };
  const seconds = (): number => Math.round((clock.now() - START) / 1000);
  const notifier: Notifier = {
    tell: (notice, signal) => {
      hook.told.push(`${seconds()} ${notice.kind} ${notice.reminder}`);
      return hook.answer(notice, signal);
    },
  };
  const within = options.within === undefined ? '1h' : options.within;
  const plan = layOut([
    person.asked<string>({
      id: 'move',
      title: 'move it',
      wish: 'moved',
      ...(within !== null && { within }),
      ...(options.to !== undefined && { to: options.to }),
      instructions: () => 'move n1',
      observe: () => reading(sh`get conf`, ({ stdout }) => stdout.split(' ')[0] ?? ''),
      unmet: (now) => (now === 'moved' ? [] : ['it is where it was']),
    }),
  ]);
  let fences = 0;
  const hold = ({ fence = (fences += 1), leaving, through }: Working, signal: AbortSignal): Promise<Ended> =>
    holdNode(
      {
        node: toyNode,
        plan,
        ...(options.onFailure && { onFailure: options.onFailure }),
        fence,
        signal,
        leaving,
        notices: { remindMs: REMIND_MS, runbook: 'toy' },
      },
      meansOf({ clock, journal: through?.(journal) ?? journal, node: toyChannel(toy, clock), notifier }),
    );
  const working = async (how: Working, signal: AbortSignal): Promise<Ended> => {
    for (;;) {
      const ended = await survived(hold(how, signal));
      if (ended.kind !== 'waiting' || how.once === true || signal.aborted) return ended;
      const wakeInMs = ended.wakeInMs ?? ended.remindInMs;
      if (wakeInMs === undefined) return ended;
      await clock.sleep(wakeInMs, signal);
      if (signal.aborted) return ended;
    }
  };
  const events = (): Promise<readonly NodeEvent[]> => journal.read('r1', 'n1');
  return {
    toy,
    hook,
    journal,
    seconds,
    sleep: (some, signal = new AbortController().signal) => clock.sleep(some * 1000, signal),
    pass: time.pass,
    after: time.after,
    say: async (record) => void (await journal.control('r1', record)),
    work: (some, how = {}) => time.within(some, (signal) => working(how, signal)),
    events,
    noted: async () =>
      (await events()).flatMap((event) =>
        event.type === 'notice.sent' ? [`${event.kind} ${event.reminder}${event.ok ? '' : `: ${event.why}`}`] : [],
      ),
  };
};
