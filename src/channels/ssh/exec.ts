import type { Client, ClientChannel } from 'ssh2';
import type { CallOptions } from '../../core/ports.ts';
import { type Gate, SESSIONS, createGate } from './limits.ts';

/**
 * How a remote command ended (RFC 4254, 6.10).
 *
 * `exit` and `signal` are what the server said. `lost` means that the channel ended without either: the outcome is not known. `unsent` means
 * that no channel came to be, so nothing ran. `done` is the caller's own word that it has all it waits for.
 */
export type Ended =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unsent'; readonly why: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

/** An open connection and the gate for its sessions. */
export type Connection = { readonly client: Client; readonly sessions: Gate };

/** Takes a client that is connected. */
export const connection = (client: Client): Connection => ({ client, sessions: createGate(SESSIONS) });

/** What to do with a command's output, and when it is enough. */
export type ExecHooks = {
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
  /** Aborted by the caller when all has come: a daemon that keeps the command's pipes open would keep the channel open too. */
  readonly done?: AbortSignal;
  /** Runs at a timeout or an abort, while output still is read, before the channel is closed. */
  readonly giveUp?: () => Promise<void>;
};

const AFTER_EXIT_MS = 2000;
const OPEN_TRIES = 5;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens a session channel; a server that has not yet counted down a closed one refuses for a moment, and is asked again. */
const open = async (client: Client, command: string, tries = OPEN_TRIES): Promise<ClientChannel | string> => {
  const answer = await new Promise<ClientChannel | Error>((resolve) => {
    try {
      client.exec(command, (error, stream) => resolve(error ?? stream));
    } catch (error) {
      resolve(error instanceof Error ? error : new Error(String(error)));
    }
  });
  if (!(answer instanceof Error)) return answer;
  const busy = 'reason' in answer && answer.reason === 2;
  if (!busy || tries <= 1) return answer.message;
  await pause(50 * (OPEN_TRIES - tries + 1));
  return open(client, command, tries - 1);
};

/** Runs a command with a text on its standard input, bounded by time and signal; at most eight at once on one connection. */
export const exec = async (to: Connection, command: string, stdin: string, hooks: ExecHooks, options: CallOptions): Promise<Ended> => {
  const late = AbortSignal.timeout(options.timeoutMs);
  const ends = AbortSignal.any([options.signal, late]);
  const gaveUp = (): Ended => ({ kind: options.signal.aborted ? 'aborted' : 'timeout' });
  let leave: () => void;
  try {
    leave = await to.sessions.enter(ends);
  } catch {
    return { kind: 'unsent', why: options.signal.aborted ? 'it was cancelled' : `no session was free within ${options.timeoutMs} ms` };
  }
  const opening = open(to.client, command);
  const stream = await Promise.race([opening, whenAborted(ends)]);
  if (typeof stream === 'string' || stream === null) {
    void opening.then((opened) => {
      leave();
      if (typeof opened !== 'string') opened.close();
    });
    return {
      kind: 'unsent',
      why: stream ?? (options.signal.aborted ? 'it was cancelled' : `no session was opened within ${options.timeoutMs} ms`),
    };
  }
  // ssh2 sets neither `closed` nor `destroyed`; the place is given back when the server has closed the channel too, or does not do so in time
  let closed = false;
  stream.once('close', () => {
    closed = true;
    leave();
  });
  const ended = await new Promise<Ended>((resolve) => {
    let status: Ended = { kind: 'lost' };
    let timer: NodeJS.Timeout | undefined;
    let givingUp = false;
    const settle = (end: Ended): void => {
      clearTimeout(timer);
      ends.removeEventListener('abort', abort);
      hooks.done?.removeEventListener('abort', enough);
      resolve(end);
    };
    const abort = (): void => {
      givingUp = true;
      void (hooks.giveUp?.() ?? Promise.resolve()).catch(() => undefined).then(() => settle(gaveUp()));
    };
    const enough = (): void => settle({ kind: 'done' });
    stream.on('data', (chunk: Buffer) => hooks.stdout(chunk));
    stream.stderr.on('data', (chunk: Buffer) => hooks.stderr(chunk));
    stream.on('exit', (code: number | null, signal?: string) => {
      status = code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'exit', code };
      timer = setTimeout(() => settle({ kind: 'lost' }), AFTER_EXIT_MS);
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      if (!givingUp) settle(status);
    });
    ends.addEventListener('abort', abort, { once: true });
    hooks.done?.addEventListener('abort', enough, { once: true });
    if (ends.aborted) abort();
    else stream.end(stdin);
  });
  if (!closed) {
    if (ended.kind !== 'done') stream.close();
    const timer = setTimeout(() => {
      stream.close();
      leave();
    }, AFTER_EXIT_MS);
    timer.unref();
    stream.once('close', () => clearTimeout(timer));
  }
  return ended;
};

const whenAborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
