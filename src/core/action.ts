import type { ControlCommand, NodeCommand } from './command.ts';
import type { Json } from './json.ts';

/** One call to the Kubernetes API. A PATCH body is a JSON merge patch (RFC 7386); with `metadata.resourceVersion` in it, a compare-and-set. */
export type ApiRequest = {
  readonly via: 'kubernetes';
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
};

/** What the API answered; `body` is null where it sent none. Status 404 and 409 are answers, not errors. */
export type ApiResponse = { readonly status: number; readonly body: Json };

/** Work for a person: shown where people look, done when the step's own `unmet` says so. An answer alone counts only for an approval. */
export type Ask = { readonly via: 'person'; readonly instructions: string; readonly choices?: readonly string[] };

/** Everything drover can do, as values. Nothing here does I/O. */
export type Action = NodeCommand | ControlCommand | ApiRequest | Ask;

/** One line for people: what an action does, with secrets masked. */
export const showAction = (action: Action): string => {
  switch (action.via) {
    case 'ssh':
    case 'control':
      return action.masked;
    case 'kubernetes':
      return `${action.method} ${action.path}${action.body === undefined ? '' : ` ${JSON.stringify(action.body)}`}`;
    case 'person':
      return `ask a person: ${action.instructions}`;
  }
};
