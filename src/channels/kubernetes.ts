import { type IncomingMessage, type RequestOptions as HttpOptions, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { type RequestOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiRequest, ApiResponse } from '../core/action.ts';
import { CancelledError, ClusterError, UsageError } from '../core/error.ts';
import { type Json, isJsonObject } from '../core/json.ts';
import type { CallOptions, ClusterChannel } from '../core/ports.ts';

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads the kubeconfig by the usual rules. @throws UsageError that says where it looked */
const loadConfig = async (options: { readonly context: string | null; readonly kubeconfig?: string }): Promise<KubeConfig> => {
  // the whole client costs 180 ms more, for 200 generated APIs of which none is used
  const { KubeConfig: Loaded } = await import('@kubernetes/client-node/dist/config.js');
  const config = new Loaded();
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (cause) {
    throw new UsageError(`the kubeconfig cannot be read: ${message(cause)}; correct the file, or KUBECONFIG where that names it`, {
      cause,
    });
  }
  const fallback = config.getCurrentCluster();
  if (options.kubeconfig === undefined && config.getContexts().length <= 1 && fallback?.server === 'http://localhost:8080') {
    throw new UsageError(
      'there is no kubeconfig: KUBECONFIG is not set, ~/.kube/config does not exist, and this is no pod with a service account; set KUBECONFIG to the file',
    );
  }
  if (options.context !== null) {
    const names = config.getContexts().map(({ name }) => name);
    if (!names.includes(options.context)) {
      throw new UsageError(`the kubeconfig has no context ${options.context}; it has ${names.length === 0 ? 'none' : names.join(', ')}`);
    }
    config.setCurrentContext(options.context);
  }
  if (!config.getCurrentCluster()) {
    throw new UsageError(
      'the kubeconfig has no current-context, or its context names a cluster that is not there; name one as cluster.context in fleet.yaml',
    );
  }
  return config;
};

type Prepared = { readonly url: URL; readonly options: RequestOptions };

/** Prepares requests: authentication anew each time, since exec plugins and token files renew; connections are kept while it stays the same. */
const preparer = (config: KubeConfig): ((request: ApiRequest, text: string | undefined) => Promise<Prepared>) => {
  const cluster = config.getCurrentCluster();
  const base = (cluster?.server ?? '').replace(/\/+$/, '');
  let kept: { readonly key: string; readonly agent: HttpAgent } | undefined;
  const agentFor = (applied: RequestOptions): HttpAgent => {
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = applied;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    const now = JSON.stringify(tls);
    if (kept?.key !== now) {
      kept?.agent.destroy();
      const defined = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
      kept = {
        key: now,
        agent: base.startsWith('https:') ? new HttpsAgent({ ...defined, keepAlive: true }) : new HttpAgent({ keepAlive: true }),
      };
    }
    return kept.agent;
  };
  return async ({ method, path }, text) => {
    const applied: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(applied);
    } catch (cause) {
      throw new ClusterError(`no credentials for ${method} ${path}: ${message(cause)}; try kubectl with the same kubeconfig`, {
        transient: true,
        cause,
        detail: { status: null, reason: 'credentials' },
      });
    }
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return {
      url: new URL(base + path),
      options: {
        ...applied,
        method,
        agent: cluster?.proxyUrl === undefined ? agentFor(applied) : applied.agent,
        headers: {
          ...Object.fromEntries(Object.entries(applied.headers ?? {})),
          Accept: 'application/json',
          // Node announces no body of a DELETE by itself, and the server would take it for the next request
          ...(text !== undefined && { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) }),
        },
      },
    };
  };
};

/** An answer of the API as it came. */
export type Raw = { readonly status: number; readonly text: string; readonly retryAfter: string | undefined };

const send = ({ url, options }: Prepared, body: string | undefined, signal: AbortSignal): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          retryAfter: response.headers['retry-after'],
        });
      });
    };
    const plain: HttpOptions = { ...options, signal };
    const request = url.protocol === 'https:' ? httpsRequest(url, { ...options, signal }, take) : httpRequest(url, plain, take);
    request.on('error', (error) => reject(Object.assign(error, { stale: request.reusedSocket })));
    request.end(body);
  });

/** Whether the server's certificate was refused, which does not mend itself (codes of X509_verify_cert_error_string(3)). */
const distrusted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|ALTNAME/.test(String(error.code));

const parse = (text: string): Json => {
  if (text === '') return null;
  try {
    const body: Json = JSON.parse(text);
    return body;
  } catch {
    return text;
  }
};

const advice: Readonly<Record<number, string>> = {
  401: 'log in again, or renew the credentials in the kubeconfig',
  403: 'give this user the right to do it',
  429: 'it is asked again later',
};

/** The error for an answer that is a refusal, with what the API says of who or what blocks (a PodDisruptionBudget is named in its causes). */
export const refusal = (what: string, raw: Raw, body: Json): ClusterError => {
  const status = isJsonObject(body) ? body : {};
  const details = isJsonObject(status['details']) ? status['details'] : {};
  const causes = (Array.isArray(details['causes']) ? details['causes'] : []).filter(isJsonObject);
  const said = [status['message'], ...causes.map((cause) => cause['message'])];
  const words = said.filter((text): text is string => typeof text === 'string' && text !== '');
  const advise = advice[raw.status];
  return new ClusterError(
    `${what} was refused with ${raw.status}: ${words.length > 0 ? words.join('; ') : raw.text.slice(0, 200)}${advise === undefined ? '' : `; ${advise}`}`,
    {
      transient: raw.status === 429 || raw.status >= 500,
      detail: {
        status: raw.status,
        reason: typeof status['reason'] === 'string' ? status['reason'] : null,
        said: typeof status['message'] === 'string' ? status['message'] : null,
        ...(causes.length > 0 && {
          causes: causes.map(({ reason, message: text }) => ({ reason: reason ?? null, message: text ?? null })),
        }),
        ...(raw.retryAfter !== undefined && { retryAfterSeconds: Number(raw.retryAfter) }),
      },
    },
  );
};

/**
 * The Kubernetes API of a kubeconfig's context (null: its current one), with whatever authentication that asks for.
 *
 * PATCH sends a JSON merge patch (RFC 7386). A read that meets a connection which the server had closed meanwhile is sent once more.
 *
 * @throws UsageError when there is no kubeconfig or no such context
 */
export const clusterChannel = async (options: {
  readonly context: string | null;
  readonly kubeconfig?: string;
}): Promise<ClusterChannel> => {
  const config = await loadConfig(options);
  const prepare = preparer(config);
  const name = `the cluster ${config.getCurrentContext()} (${config.getCurrentCluster()?.server ?? ''})`;
  const attempt = async (request: ApiRequest, signal: AbortSignal): Promise<Raw> => {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    try {
      return await send(await prepare(request, body), body, signal);
    } catch (error) {
      const stale = request.method === 'GET' && error instanceof Error && 'stale' in error && error.stale === true;
      if (!stale || signal.aborted) throw error;
      return send(await prepare(request, body), body, signal);
    }
  };
  return {
    call: async (request: ApiRequest, call: CallOptions): Promise<ApiResponse> => {
      const what = `${request.method} ${request.path} to ${name}`;
      const late = AbortSignal.timeout(call.timeoutMs);
      let raw: Raw;
      try {
        raw = await attempt(request, AbortSignal.any([call.signal, late]));
      } catch (cause) {
        if (call.signal.aborted) throw new CancelledError(`${what} was cancelled`, { cause });
        if (cause instanceof ClusterError) throw cause;
        const why = late.aborted ? `no answer within ${call.timeoutMs / 1000} s` : message(cause);
        throw new ClusterError(`${what} failed: ${why}; see whether the API server can be reached from here`, {
          transient: !distrusted(cause),
          cause,
          detail: { status: null, reason: late.aborted ? 'timeout' : distrusted(cause) ? 'certificate' : 'unreachable' },
        });
      }
      const body = parse(raw.text);
      if (raw.status < 400 || raw.status === 404 || raw.status === 409) return { status: raw.status, body };
      throw refusal(what, raw, body);
    },
  };
};
