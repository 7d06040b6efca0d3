import { dueNotice, nextNoticeMs } from '../core/notice.ts';
import type { Sent } from '../core/ports.ts';
import type { Due } from '../core/told.ts';
import { type Session, openSession } from './session.ts';
import type { Assignment, Ended, World } from './world.ts';

/** Tells people what waits for them, beside the work: a webhook that hangs keeps no node waiting. */
export type Herald = {
  /** Writes down what came of the last notice, and sends the next one that is due. Waits for no answer. */
  turn(): Promise<void>;
  /** A notice is on its way. */
  busy(): boolean;
  /** Resolves when it has arrived, or has not; at once when none is on its way. */
  arrived(): Promise<void>;
  /** Waits for the one on its way, then tells all that is due besides, unless the hold has to end. */
  settle(leaving: boolean): Promise<void>;
  /** In how many ms people are to be reminded; undefined when nobody is. */
  remindInMs(): number | undefined;
};

/** More is never due at once: that one wait is over, and that another has begun. */
const AT_ONCE = 4;

type Posting = { readonly due: Due; readonly done: Promise<void>; sent?: Sent };

const none: Herald = {
  turn: async () => undefined,
  busy: () => false,
  arrived: async () => undefined,
  settle: async () => undefined,
  remindInMs: () => undefined,
};

const eventOf = ({ kind, wait, reminder }: Due, sent: Sent) =>
  ({ type: 'notice.sent', kind, reminder, ...wait, ok: sent.ok, ...(!sent.ok && { why: sent.why }) }) as const;

/** The herald of a hold. What was posted is written down behind it, so that whoever dies in between has it posted once more, and never less. */
export const openHerald = (session: Session): Herald => {
  const { assignment, world } = session;
  const { notices, signal, runId, node } = assignment;
  const { notifier } = world;
  if (notices === undefined || notifier === undefined) return none;
  let posting: Posting | undefined;
  const post = (due: Due): Posting => {
    const notice = { ...due, runId, runbook: notices.runbook, stream: node.name, state: session.run() };
    const one: Posting = {
      due,
      done: notifier
        .tell(notice, signal)
        .catch((error: unknown): Sent => ({ ok: false, why: `a bug in drover: ${String(error)}` }))
        .then((sent) => {
          one.sent = sent;
        }),
    };
    return one;
  };
  const note = async (): Promise<void> => {
    if (posting?.sent === undefined || signal.aborted) return;
    const { due, sent } = posting;
    posting = undefined;
    await session.append(eventOf(due, sent));
  };
  const next = (): Due | undefined => dueNotice(session.run(), notices, world.clock.now());
  const turn = async (): Promise<void> => {
    await note();
    const due = posting ? undefined : next();
    if (due && !signal.aborted) posting = post(due);
  };
  const arrived = async (): Promise<void> => posting?.done;
  return {
    turn,
    busy: () => posting !== undefined && posting.sent === undefined,
    arrived,
    settle: async (leaving) => {
      for (let sent = 0; !signal.aborted; sent += 1) {
        await arrived();
        if (leaving || sent === AT_ONCE) return note();
        await turn();
        if (!posting) return;
      }
    },
    remindInMs: () => nextNoticeMs(session.run(), notices, world.clock.now()),
  };
};

/** Ends a hold: people are told what is due, and one that only a word wakes learns when they are to be reminded. */
export const endTold = async (herald: Herald, ended: Ended): Promise<Ended> => {
  switch (ended.kind) {
    case 'replaced':
      return ended;
    case 'stopped':
      await herald.settle(true);
      return ended;
    case 'finished':
      await herald.settle(false);
      return ended;
    case 'waiting': {
      await herald.settle(false);
      const remindInMs = ended.wakeInMs === null ? herald.remindInMs() : undefined;
      return remindInMs === undefined ? ended : { ...ended, remindInMs };
    }
  }
};

/** Tells what is due in a stream on which nobody works: that a run is halted, or goes on. */
export const announce = async (assignment: Assignment, world: World): Promise<void> => {
  const herald = openHerald(await openSession(assignment, world));
  await herald.turn();
  await herald.settle(false);
};
