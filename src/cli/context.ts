import { homedir } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '@stricli/core';
import type { Terminal } from '../tui/app/stage.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { holdBack } from './hold-back.ts';

/** Environment variables; handed down from here, nothing below reads its own. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where text goes. */
export type Out = { write(text: string): void; readonly isTTY: boolean; readonly columns: number };

/** What a command sees of the world around it; `this` in every command. */
export type Cli = CommandContext & {
  readonly env: Env;
  readonly cwd: string;
  readonly home: string;
  readonly stdout: Out;
  readonly stderr: Out;
  /** Sets how the process will end; the last call counts. Without one it is 0. */
  exit(code: ExitCode): void;
  /**
   * Aborts at the first SIGINT or SIGTERM, or when nobody reads any more what is printed; a second signal ends the process at once.
   *
   * From the first call on, the command must heed it.
   */
  interrupted(): AbortSignal;
  /** The terminal, when both its input and its output are one. */
  readonly terminal: Terminal | null;
  /** Keeps everybody's lines off the terminal, until the function that it gives is called: they come then. `heard` gets each at once. */
  hold(heard: (line: string) => void): () => void;
  /** Asks the person at the terminal; null when there is none. */
  ask(question: string): Promise<string | null>;
};

const outOf = (stream: NodeJS.WriteStream, write: (text: string) => void): Out => ({
  write,
  get isTTY() {
    return stream.isTTY;
  },
  get columns() {
    return stream.columns ?? 80;
  },
});

/** The Cli of this process, and the exit code that was set. */
export const processCli = (): { readonly cli: Cli; exitCode(): ExitCode | undefined } => {
  let code: ExitCode | undefined;
  let abort: AbortController | undefined;
  const interrupted = (): AbortSignal => {
    if (abort) return abort.signal;
    const controller = new AbortController();
    abort = controller;
    const stop = (): void => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      controller.abort();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    return controller.signal;
  };
  // a reader that has gone away (drover logs … | head) is no error of ours
  const unread = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (abort === undefined) process.exit(exitCodes.done);
    abort.abort();
  };
  process.stdout.on('error', unread);
  process.stderr.on('error', unread);
  const held = holdBack(process.stdout, process.stderr);
  const cli: Cli = {
    process,
    env: process.env,
    cwd: process.cwd(),
    home: process.env['HOME'] ?? homedir(),
    stdout: outOf(process.stdout, held.write),
    stderr: outOf(process.stderr, (text) => void process.stderr.write(text)),
    terminal: process.stdin.isTTY && process.stdout.isTTY ? process : null,
    hold: held.hold,
    exit: (next) => {
      code = next;
    },
    interrupted,
    ask: async (question) => {
      if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
      const prompt = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await prompt.question(question, { signal: interrupted() });
      } catch {
        return null;
      } finally {
        prompt.close();
      }
    },
  };
  return { cli, exitCode: () => code };
};
