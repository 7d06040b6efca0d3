import type { CommandResult } from '../../core/command.ts';
import type { Performed } from '../../core/ports.ts';

/** One call's result; `cut` tells that more came than is kept. */
export type Result = CommandResult & { readonly cut: boolean };

/** What came back so far: results by index (`guarded`, `stop`, `0`, `1` …), what had begun, and the wrapper's refusal. */
export type Results = {
  readonly done: ReadonlyMap<string, Result>;
  readonly begun: ReadonlySet<string>;
  readonly refused: Extract<Performed, { kind: 'refused' }> | null;
};

/** Takes a script's output apart as it comes. */
export type ResultReader = {
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
  readonly results: () => Results;
};

/** Splits a byte stream at marker lines; what may still become a marker, a line's end to begin with, is held back, and `held` is told so. */
const splitter = (
  nonce: string,
  data: (chunk: Buffer) => void,
  held: () => void,
  marker: (words: readonly string[]) => void,
): ((chunk: Buffer) => void) => {
  const mark = Buffer.from(`\n${nonce} `);
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const at = pending.indexOf(mark);
      if (at < 0) break;
      if (at > 0) data(pending.subarray(0, at));
      const end = pending.indexOf(10, at + mark.length);
      if (end < 0) {
        pending = pending.subarray(at);
        return;
      }
      marker(pending.toString('utf8', at + mark.length, end).split(' '));
      pending = pending.subarray(end + 1);
    }
    const newline = pending.lastIndexOf(10);
    const maybe = newline >= 0 && mark.subarray(0, pending.length - newline).equals(pending.subarray(newline)) ? newline : pending.length;
    if (maybe > 0) data(pending.subarray(0, maybe));
    pending = pending.subarray(maybe);
    if (pending.length > 0) held();
  };
};

/** Collects bytes up to a cap and hands out whole lines; one whose end is held back is whole whatever comes next. */
const collector = (capBytes: number, onLine: (line: string) => void) => {
  let chunks: Buffer[] = [];
  let size = 0;
  let cut = false;
  let rest = '';
  let early = false;
  let decoder = new TextDecoder();
  return {
    add(chunk: Buffer, heard: boolean): void {
      const room = capBytes - size;
      if (chunk.length > room) cut = true;
      const kept = chunk.subarray(0, Math.max(0, room));
      chunks.push(kept);
      size += kept.length;
      if (!heard) return;
      const lines = (rest + decoder.decode(kept, { stream: true })).split('\n');
      // the end of a line that was handed out already
      if (early && lines.length > 1) lines.shift();
      early = false;
      rest = lines.pop() ?? '';
      for (const text of lines) onLine(text);
    },
    lineEnds(): void {
      if (rest === '') return;
      onLine(rest);
      rest = '';
      early = true;
    },
    take(): { readonly text: string; readonly cut: boolean } {
      if (rest !== '') onLine(rest);
      const taken = { text: Buffer.concat(chunks).toString('utf8'), cut };
      chunks = [];
      size = 0;
      cut = false;
      rest = '';
      early = false;
      decoder = new TextDecoder();
      return taken;
    },
  };
};

/** What the wrapper's own exit codes mean. */
export const refusals: Readonly<Record<string, Extract<Performed, { kind: 'refused' }>['why']>> = {
  90: 'absent',
  91: 'fence',
  92: 'lock',
  93: 'lock',
  94: 'machine',
  95: 'boot',
};

/**
 * Reads what a script of `callScript` printed, in chunks of any size; bytes outside of the markers (a shell's greeting) are dropped.
 *
 * A result counts once its end marker came on both streams, so a connection that is cut in the middle leaves it out: unknown.
 */
export const resultReader = (
  nonce: string,
  options: {
    readonly capBytes: number;
    /** Whether anybody listens to a result's lines while they come; absent: to all. */
    heard?(index: string): boolean;
    onLine(index: string, line: string): void;
    onDone(index: string): void;
  },
): ResultReader => {
  const done = new Map<string, Result>();
  const begun = new Set<string>();
  let refused: Results['refused'] = null;
  const half = new Map<string, { readonly text: string; readonly cut: boolean; readonly from: 'out' | 'err' }>();
  const stream = (from: 'out' | 'err'): ((chunk: Buffer) => void) => {
    let current: string | null = null;
    let since = 0;
    const bytes = collector(options.capBytes, (line) => {
      if (current !== null) options.onLine(current, line);
    });
    return splitter(
      nonce,
      (chunk) => {
        if (current !== null) bytes.add(chunk, options.heard?.(current) ?? true);
      },
      () => bytes.lineEnds(),
      ([kind, index = '', ...words]) => {
        if (kind === 'refused') {
          refused = { kind: 'refused', why: refusals[index] ?? 'state', detail: words.join(' ') };
          options.onDone('guarded');
        } else if (kind === 'begin') {
          current = index;
          begun.add(index);
          since = Number(words[0]);
        } else if (kind === 'end' && current === index) {
          const mine = { ...bytes.take(), from };
          const other = half.get(index);
          current = null;
          if (other === undefined) {
            half.set(index, mine);
          } else if (other.from !== from) {
            const [out, err] = from === 'out' ? [mine, other] : [other, mine];
            done.set(index, {
              exitCode: Number(words[0]),
              stdout: out.text,
              stderr: err.text,
              durationMs: Math.max(0, Math.round((Number(words[1]) - since) * 1000)),
              cut: out.cut || err.cut,
            });
            options.onDone(index);
          }
        }
      },
    );
  };
  return { stdout: stream('out'), stderr: stream('err'), results: () => ({ done, begun, refused }) };
};
