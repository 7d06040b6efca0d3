import type { Notifier, Sent } from '../../src/core/ports.ts';
import type { NodeEvent, RunSpec } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import { eventsOf } from './judge-node.ts';
import type { Notebook } from './notebook.ts';
import type { Process } from './process.ts';
import type { Scenario } from './scenario.ts';

/** How often people are reminded. */
export const REMIND_MS = 10_000;
/** How long a webhook may take: shorter than what it may hang here, so that it is given up. */
const HANGS_MS = 4000;

/** Every other world tells people; which one is not left to chance, so that the others stay what they were. */
export const notifyOf = ({ seed }: Pick<Scenario, 'seed'>): Pick<RunSpec, 'notify'> =>
  seed % 2 === 0 ? {} : { notify: { webhook: { env: 'CRASH_WEBHOOK' }, remind: '10s' } };

const keyOf = (
  stream: string,
  { kind, reminder, of, step, askedAt }: Pick<NodeEvent & { type: 'notice.sent' }, 'kind' | 'reminder' | 'of' | 'step' | 'askedAt'>,
): string => `${stream} ${of} ${step ?? ''} ${askedAt} ${kind} ${reminder}`;

/** A webhook that mostly works: some posts are refused, some hang, as their number says. */
export const crashNotifier = (process: Process, book: Notebook): Notifier => ({
  tell: async (notice, signal): Promise<Sent> => {
    await process.clock.sleep(1 + (book.posts.length % 7) * 20, signal);
    if (signal.aborted) return { ok: false, why: 'stopping' };
    const number = book.posts.push({
      at: process.clock.now(),
      by: process.name,
      what: keyOf(notice.stream, { kind: notice.kind, reminder: notice.reminder, ...notice.wait }),
    });
    book.tell?.(`${process.name} posts ${book.posts.at(-1)?.what}`);
    if (number % 5 === 3) return { ok: false, why: 'HTTP 500' };
    if (number % 5 === 4) {
      await process.clock.sleep(HANGS_MS, signal);
      return { ok: false, why: 'it hung' };
    }
    return { ok: true };
  },
});

/** What must never be so of the notices of one stream. */
const judgeStream = (book: Notebook, run: string, stream: string): string[] => {
  const wrong: string[] = [];
  const posted = new Set(book.posts.map(({ what }) => what));
  let open: { readonly wait: string; readonly reminder: number; readonly at: number } | undefined;
  for (const event of eventsOf(book, run, stream)) {
    if (event.type !== 'notice.sent') continue;
    const what = keyOf(stream, event);
    const wait = `${event.of} ${event.step ?? ''} ${event.askedAt}`;
    if (!posted.has(what)) wrong.push(`${stream}: ${what} is on record and was never posted`);
    if (event.kind === 'cleared' || event.kind === 'expired') {
      if (open?.wait !== wait) wrong.push(`${stream}: people were told that something is over of which they had not been told: ${what}`);
      open = undefined;
      continue;
    }
    const next = open?.wait === wait ? open.reminder + 1 : 0;
    if (event.reminder !== next) wrong.push(`${stream}: ${what} is on record, and ${next} was due`);
    if (open?.wait === wait && event.at - open.at < REMIND_MS)
      wrong.push(`${stream}: ${what} came ${event.at - open.at} ms after the one before`);
    open = { wait, reminder: event.reminder, at: event.at };
  }
  return wrong;
};

/** People are told once of each thing, in order, not too often, and of what took long at all. */
export const judgeNotices = (book: Notebook, scenario: Scenario, run: string, deaths: number): string[] => {
  if (notifyOf(scenario).notify === undefined) return book.posts.length === 0 ? [] : ['people were told, and nobody was to be'];
  const streams = [RUN_STREAM, ...scenario.nodes.map(({ name }) => name)];
  const times = Map.groupBy(book.posts, ({ what }) => what);
  // once more for each worker that died, froze, or lost its lease meanwhile
  const storm = [...times].filter(([, posts]) => posts.length > 2 + 2 * deaths);
  return [
    ...streams.flatMap((stream) => judgeStream(book, run, stream)),
    ...storm.map(([what, posts]) => `${what} was posted ${posts.length} times`),
  ];
};
