import { randomBytes } from 'node:crypto';
import type { CallOptions, Guard, Performed } from '../../core/ports.ts';
import type { Line } from './connect.ts';
import { type Ended, exec } from './exec.ts';
import { shellFor } from './identity.ts';
import { type Result, type Results, resultReader } from './results.ts';
import { callScript, type GuardedCommand, type haltCall, type PlainCommand, stopScript, tellScript } from './script.ts';
import type { Mask } from './secrets.ts';

/** What is kept of one command's output, on each of its two streams. */
export const MAX_OUTPUT_BYTES = 4 << 20;
/** Longer than the wrapper waits for its lock and for a command that ignores SIGTERM. */
const STOP_MS = 20_000;

/** One script: a guarded command, if any, and reads. */
export type Call = { readonly guarded: GuardedCommand | null; readonly reads: readonly PlainCommand[]; readonly mask: Mask };

/** What came of it, secrets masked. `reads` is null unless all of them came. */
export type Sent = {
  readonly ended: Ended;
  readonly refused: Results['refused'];
  readonly begun: boolean;
  readonly guarded: Result | null;
  readonly reads: readonly Result[] | null;
  /** What the shell itself said, for errors. */
  readonly stderr: () => string;
};

const STDERR_TAIL = 16_384;
/** A reason of its own, because abort() without one makes an error with a stack. */
const ENOUGH = 'all has come';

/** Sends one script and reads its results; `giveUp` gets the nonce under which a mutating command was sent. */
export const send = async (at: Line, call: Call, options: CallOptions, giveUp?: (nonce: string) => Promise<void>): Promise<Sent> => {
  const nonce = randomBytes(16).toString('hex');
  const last = call.reads.length > 0 ? String(call.reads.length - 1) : 'guarded';
  const enough = new AbortController();
  const reader = resultReader(nonce, {
    capBytes: MAX_OUTPUT_BYTES,
    // what drover's own looks print behind a mutating command is no output of that command
    heard: (index) => options.onLine !== undefined && (call.guarded === null || index === 'guarded'),
    onLine: (_, line) => options.onLine?.(call.mask(line)),
    onDone: (index) => {
      if (index === last || reader.results().refused) enough.abort(ENOUGH);
    },
  });
  const tail: Buffer[] = [];
  let tailBytes = 0;
  const hooks = {
    stdout: reader.stdout,
    stderr: (chunk: Buffer): void => {
      tail.push(chunk);
      tailBytes += chunk.length;
      while (tailBytes - (tail[0]?.length ?? 0) > STDERR_TAIL) tailBytes -= tail.shift()?.length ?? 0;
      reader.stderr(chunk);
    },
    done: enough.signal,
    giveUp: async (): Promise<void> => giveUp?.(nonce),
  };
  const ended = await exec(at.to, shellFor(at.root), callScript(nonce, call.guarded, call.reads), hooks, options);
  const { done, begun, refused } = reader.results();
  const masked = (result: Result): Result => ({ ...result, stdout: call.mask(result.stdout), stderr: call.mask(result.stderr) });
  const guarded = done.get('guarded');
  const reads = call.reads.flatMap((_, index) => done.get(String(index)) ?? []).map(masked);
  return {
    ended,
    refused,
    begun: begun.size > 0,
    guarded: guarded === undefined ? null : masked(guarded),
    reads: reads.length === call.reads.length ? reads : null,
    stderr: () =>
      call.mask(
        Buffer.concat(tail)
          .toString('utf8')
          .replaceAll(new RegExp(`\n${nonce} [^\n]*\n`, 'g'), ''),
      ),
  };
};

/** Ends a mutating command on the node, with all that it started. True when nothing of it runs any more, and none of it will start. */
export const stop = async (at: Line, stopped: string): Promise<boolean> => {
  const never = new AbortController().signal;
  const { results } = await ask(at, (nonce) => stopScript(nonce, stopped), { signal: never, timeoutMs: STOP_MS });
  return results.done.get('stop')?.exitCode === 0;
};

/** Claims the node for a fence (`claimCall`), or ends whatever drover runs there (`haltCall`). */
export const tell = async (at: Line, make: typeof haltCall, guard: Guard, options: CallOptions): Promise<Performed> => {
  const bound = { signal: options.signal, timeoutMs: Math.min(options.timeoutMs, STOP_MS) };
  const { results, ended } = await ask(at, (nonce) => tellScript(make(nonce, guard, at.hello.identity.machineId)), bound);
  if (results.refused) return results.refused;
  const done = results.done.get('guarded');
  if (done) return { kind: 'exited', result: done };
  return {
    kind: 'unknown',
    why: ended.kind === 'timeout' ? 'the node took too long to say so' : 'the connection ended before the node said so',
  };
};

/** Sends a script that answers with one result. */
const ask = async (
  at: Line,
  script: (nonce: string) => string,
  options: CallOptions,
): Promise<{ readonly results: Results; readonly ended: Ended }> => {
  const nonce = randomBytes(16).toString('hex');
  const enough = new AbortController();
  const reader = resultReader(nonce, { capBytes: 4096, heard: () => false, onLine: () => undefined, onDone: () => enough.abort(ENOUGH) });
  const hooks = { stdout: reader.stdout, stderr: reader.stderr, done: enough.signal };
  const ended = await exec(at.to, shellFor(at.root), script(nonce), hooks, options);
  return { results: reader.results(), ended };
};
