import type { KubeObject } from './cluster.ts';

/** What a request comes with; `query` has the search parameters. */
export type ApiCall = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: unknown;
};
/** What the API answers. */
export type ApiAnswer = { readonly status: number; readonly body: KubeObject; readonly headers?: Readonly<Record<string, string>> };

/** A refusal in the API's own form, a Status object. */
export const failure = (status: number, reason: string, message: string): ApiAnswer => ({
  status,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details: {}, code: status },
  ...(status === 429 && { headers: { 'retry-after': '1' } }),
});
