import type { ControlCommand, NodeCommand } from './command.ts';
import { type Blocker, type Eviction, showEviction } from './eviction.ts';
import type { Json } from './json.ts';

/** One call to the Kubernetes API. A PATCH body is a JSON merge patch (RFC 7386); with `metadata.resourceVersion` in it, a compare-and-set. */
export type ApiRequest = {
  readonly via: 'kubernetes';
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
  /** What it does in words, where people would have to read that out of the body. */
  readonly says?: string;
};

/** What the API answered; `body` is null where it sent none. Status 404 and 409 are answers, not errors. */
export type ApiResponse = { readonly status: number; readonly body: Json };

/** Work for a person: shown where people look, done when the step's own `unmet` says so. What they answer counts only where the step's fact reads it. */
export type Ask = {
  readonly via: 'person';
  readonly instructions: string;
  /** Who is asked, in words: `the vCenter team`. */
  readonly to?: string;
  /** The answers there are; without these and `words` no answer counts. */
  readonly choices?: readonly string[];
  /** An answer in any words counts. */
  readonly words?: true;
};

/**
 * Pods that have to go, each asked for by itself, side by side: what one of them meets stops no other.
 *
 * Whom the API does not let go yet is asked for again within the step's bound; only a change of who blocks is written down. `ending` is how
 * many more are on their way, `blocked` says who keeps those of them that do not come.
 */
export type Evictions = {
  readonly via: 'evictions';
  readonly evict: readonly Eviction[];
  readonly ending: number;
  readonly blocked?: readonly Blocker[];
};

/** Nothing can be done but look again, within the step's bound; `blocked` says who keeps it, where that is known. */
export type Time = { readonly via: 'time'; readonly until: string; readonly blocked?: readonly Blocker[] };

/** Everything drover can do, as values. Nothing here does I/O. */
export type Action = NodeCommand | ControlCommand | ApiRequest | Evictions | Time | Ask;

/** Whether an action may be done over and over within one attempt, without a word in the journal. */
export const isQuiet = ({ via }: Action): boolean => via === 'evictions' || via === 'time' || via === 'person';

/** One line for people: what an action does, with secrets masked. */
export const showAction = (action: Action): string => {
  switch (action.via) {
    case 'ssh':
    case 'control':
      return action.masked;
    case 'kubernetes':
      return action.says ?? `${action.method} ${action.path}${action.body === undefined ? '' : ` ${JSON.stringify(action.body)}`}`;
    case 'evictions':
      return action.evict.map(showEviction).join(', ');
    case 'time':
      return `wait until ${action.until}`;
    case 'person':
      return `ask ${action.to ?? 'a person'}: ${action.instructions}`;
  }
};
