/** What waits for a person: a step that asks, a node that is parked for a word, a run that is halted. */
export type Wait = {
  readonly of: 'asked' | 'parked' | 'halted';
  readonly step?: string;
  readonly instructions: string;
  readonly to?: string;
  /** Epoch ms: since when it waits. With `of` and `step` this tells one wait from another. */
  readonly askedAt: number;
  /** Epoch ms: until when it may take. */
  readonly untilMs?: number;
};

/** What people are told of a wait: that it began (again and again, while it lasts), that it is over, or that its bound is. */
export type NoticeKind = Wait['of'] | 'cleared' | 'expired';

/** One thing to tell people: `reminder` is 0 for the first word of a wait, and counts from there. */
export type Due = { readonly kind: NoticeKind; readonly wait: Wait; readonly reminder: number };

/** What happened to a notice: whether it got through, and if not, why. */
export type NoticeEvent = {
  readonly type: 'notice.sent';
  readonly kind: NoticeKind;
  readonly reminder: number;
  readonly ok: boolean;
} & Wait & {
    readonly why?: string;
  };

/** What the journal knows of what people were told last. */
export type Told = {
  readonly wait: Wait;
  readonly reminder: number;
  /** How many reminders of this wait got through. */
  readonly reminded: number;
  /** Epoch ms. */
  readonly at: number;
  /** Why the last one did not get through. */
  readonly why?: string;
  /** That it is over was told as well. */
  readonly over: boolean;
};

/** Whether two waits are the same one. */
export const isSameWait = (a: Wait | undefined, b: Wait | undefined): boolean =>
  a !== undefined && b !== undefined && a.of === b.of && a.step === b.step && a.askedAt === b.askedAt;

/** What `notice.sent` tells, after what was known. */
export const toldBy = (told: Told | undefined, event: NoticeEvent & { readonly at: number }): Told => {
  const { type: _type, kind, reminder, ok, why, at, of, step, instructions, to, askedAt, untilMs } = event;
  const wait: Wait = {
    of,
    instructions,
    askedAt,
    ...(step !== undefined && { step }),
    ...(to !== undefined && { to }),
    ...(untilMs !== undefined && { untilMs }),
  };
  const before = told && isSameWait(told.wait, wait) ? told.reminded : 0;
  const over = kind === 'cleared' || kind === 'expired';
  return { wait, reminder, reminded: before + (ok && !over && reminder > 0 ? 1 : 0), at, over, ...(why !== undefined && { why }) };
};
