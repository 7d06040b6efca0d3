import type { NodeEvent } from './event.ts';
import { type NodeRun, emptyRun, reduce } from './reduce.ts';

/** What an event made of a state last: all who follow a journal within one process come by the same states. */
const made = new WeakMap<NodeEvent, { readonly from: NodeRun; readonly to: NodeRun }>();

/** As `reduce`, but the same event makes the same state of one only once. */
export const follow = (from: NodeRun, event: NodeEvent): NodeRun => {
  const known = made.get(event);
  if (known?.from === from) return known.to;
  const to = reduce(from, event);
  made.set(event, { from, to });
  return to;
};

/** As `fold`, for a stream that others follow as well. */
export const followAll = (events: readonly NodeEvent[]): NodeRun => events.reduce(follow, emptyRun);
