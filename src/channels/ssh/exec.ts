import type { Client, ClientChannel } from 'ssh2';
import type { CallOptions } from '../../core/ports.ts';
import { bounded } from './bound.ts';
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

/** What has been seen of a session so far. */
type Session = { readonly stream: ClientChannel; status: Ended; exited: boolean; closed: boolean; changed(): void };

/** Listens to a session. A quick command's exit and close may stand in the packet that opens it, so nothing may come between. */
const watch = (stream: ClientChannel, hooks: ExecHooks): Session => {
  const session: Session = { stream, status: { kind: 'lost' }, exited: false, closed: false, changed: () => undefined };
  stream.on('data', (chunk: Buffer) => hooks.stdout(chunk));
  stream.stderr.on('data', (chunk: Buffer) => hooks.stderr(chunk));
  stream.on('error', () => undefined);
  stream.on('exit', (code: number | null, signal?: string) => {
    session.status = code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'exit', code };
    session.exited = true;
    session.changed();
  });
  // ssh2 sets neither `closed` nor `destroyed` of the stream
  stream.on('close', () => {
    session.closed = true;
    session.changed();
  });
  return session;
};

/** Opens a session; a server that has not yet counted down a closed one refuses for a moment, and is asked again. */
const open = async (client: Client, command: string, hooks: ExecHooks, tries = OPEN_TRIES): Promise<Session | string> => {
  const answer = await new Promise<Session | Error>((resolve) => {
    try {
      client.exec(command, (error, stream) => resolve(error ?? watch(stream, hooks)));
    } catch (error) {
      resolve(error instanceof Error ? error : new Error(String(error)));
    }
  });
  if (!(answer instanceof Error)) return answer;
  const busy = 'reason' in answer && answer.reason === 2;
  if (!busy || tries <= 1) return answer.message;
  await pause(50 * (OPEN_TRIES - tries + 1));
  return open(client, command, hooks, tries - 1);
};

const whenAborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });

/** Runs a command with a text on its standard input, bounded by time and signal; at most eight at once on one connection. */
export const exec = async (to: Connection, command: string, stdin: string, hooks: ExecHooks, options: CallOptions): Promise<Ended> => {
  const { signal, release } = bounded(options.signal, options.timeoutMs);
  try {
    return await run(to, command, stdin, hooks, options, signal);
  } finally {
    release();
  }
};

const run = async (
  to: Connection,
  command: string,
  stdin: string,
  hooks: ExecHooks,
  options: CallOptions,
  ends: AbortSignal,
): Promise<Ended> => {
  const unsent = (what: string): Ended => ({
    kind: 'unsent',
    why: options.signal.aborted ? 'it was cancelled' : `${what} within ${options.timeoutMs} ms`,
  });
  let leave: () => void;
  try {
    leave = await to.sessions.enter(ends);
  } catch {
    return unsent('no session was free');
  }
  const opening = open(to.client, command, hooks);
  const session = await Promise.race([opening, whenAborted(ends)]);
  if (typeof session === 'string') {
    leave();
    return { kind: 'unsent', why: session };
  }
  if (session === null) {
    void opening.then((opened) => {
      leave();
      if (typeof opened !== 'string') opened.stream.close();
    });
    return unsent('no session was opened');
  }
  const ended = await ending(session, stdin, hooks, ends, () => ({ kind: options.signal.aborted ? 'aborted' : 'timeout' }));
  close(session, ended.kind === 'done', leave);
  return ended;
};

/** Sends the input and waits for the end, whatever it is. */
const ending = (session: Session, stdin: string, hooks: ExecHooks, ends: AbortSignal, gaveUp: () => Ended): Promise<Ended> =>
  new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let givingUp = false;
    const settle = (end: Ended): void => {
      clearTimeout(timer);
      ends.removeEventListener('abort', abort);
      hooks.done?.removeEventListener('abort', enough);
      session.changed = () => undefined;
      resolve(end);
    };
    const abort = (): void => {
      givingUp = true;
      void (hooks.giveUp?.() ?? Promise.resolve()).catch(() => undefined).then(() => settle(gaveUp()));
    };
    const enough = (): void => settle({ kind: 'done' });
    session.changed = () => {
      if (session.closed && !givingUp) settle(session.status);
      else if (session.exited) timer ??= setTimeout(() => settle({ kind: 'lost' }), AFTER_EXIT_MS);
    };
    ends.addEventListener('abort', abort, { once: true });
    hooks.done?.addEventListener('abort', enough, { once: true });
    session.changed();
    if (ends.aborted) abort();
    else if (!session.closed) session.stream.end(stdin);
  });

/** Gives the place back when the server has closed the session too, or does not do so in time. */
const close = (session: Session, byItself: boolean, leave: () => void): void => {
  if (session.closed) return leave();
  if (!byItself) session.stream.close();
  const timer = setTimeout(() => {
    session.stream.close();
    leave();
  }, AFTER_EXIT_MS);
  timer.unref();
  session.changed = () => {
    if (!session.closed) return;
    clearTimeout(timer);
    leave();
  };
};
