import { homedir } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '@stricli/core';
import { type ExitCode, exitCodes } from './exit-code.ts';

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
  /** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. From the first call on, the command must heed it. */
  interrupted(): AbortSignal;
  /** Asks the person at the terminal; null when there is none. */
  ask(question: string): Promise<string | null>;
};

const outOf = (stream: NodeJS.WriteStream): Out => ({
  write: (text) => {
    stream.write(text);
  },
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
  const cli: Cli = {
    process,
    env: process.env,
    cwd: process.cwd(),
    home: process.env['HOME'] ?? homedir(),
    stdout: outOf(process.stdout),
    stderr: outOf(process.stderr),
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
