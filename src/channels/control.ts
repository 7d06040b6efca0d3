import { constants } from 'node:os';
import { quote } from '../core/command.ts';
import { CancelledError, CommandError, UsageError } from '../core/error.ts';
import type { ControlChannel } from '../core/ports.ts';

const KILL_AFTER_MS = 5000;

const signalNumber = (name: NodeJS.Signals | null): number => (name === null ? 0 : constants.signals[name]);

/** Hands out whole lines of a stream that comes in chunks. */
const lineReader = (onLine: (line: string) => void) => {
  let rest = '';
  return {
    add(chunk: Buffer | string): void {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    },
    end(): void {
      if (rest !== '') onLine(rest);
    },
  };
};

/**
 * Programs on the controller, run by zx: helm, govc, anything.
 *
 * Words are quoted one by one and /bin/sh only replaces itself by the program, so no bash is needed and no shell reads a word. Each runs as the
 * leader of a process group, which a timeout or an abort ends as a whole: first by SIGTERM, 5 s later by SIGKILL.
 */
export const controlChannel = (options: { readonly env: Readonly<Record<string, string>> }): ControlChannel => ({
  run: async (command, call) => {
    const [program, ...words] = command.argv;
    if (program === undefined || program === '') throw new UsageError('a command for the controller has no words; name the program to run');
    if (call.signal.aborted) throw new CancelledError(`${command.masked} was cancelled before it began`);
    const { $ } = await import('zx/core');
    const late = AbortSignal.timeout(call.timeoutMs);
    const ends = AbortSignal.any([call.signal, late]);
    const since = performance.now();
    const run = $({
      quiet: true,
      nothrow: true,
      detached: true,
      shell: '/bin/sh',
      prefix: 'exec ',
      postfix: '',
      quote,
      env: { ...options.env },
      input: command.stdin ?? '',
    })`${[program, ...words]}`;
    const lines = [run.stdout, run.stderr].map((stream) => {
      const reader = lineReader((line) => call.onLine?.(line));
      stream.on('data', (chunk: Buffer) => reader.add(chunk));
      return reader;
    });
    const kill = (signal: NodeJS.Signals): void => {
      if (run.pid === undefined) return;
      try {
        process.kill(-run.pid, signal);
      } catch {
        // the group has ended
      }
    };
    let hard: NodeJS.Timeout | undefined;
    const end = (): void => {
      kill('SIGTERM');
      hard = setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS);
    };
    if (ends.aborted) end();
    else ends.addEventListener('abort', end, { once: true });
    const output = await run;
    clearTimeout(hard);
    ends.removeEventListener('abort', end);
    if (ends.aborted) kill('SIGKILL');
    for (const reader of lines) reader.end();
    if (call.signal.aborted) throw new CancelledError(`${command.masked} was cancelled and ended on the controller`);
    if (late.aborted) {
      throw new CommandError(
        `${command.masked} on the controller did not end within ${call.timeoutMs / 1000} s and was ended; look why it hangs`,
        {
          transient: true,
          detail: { stderr: output.stderr },
        },
      );
    }
    // without a number nothing is known, and that is never a success
    const exitCode = output.exitCode ?? 128 + signalNumber(output.signal);
    const stderr =
      exitCode === 127
        ? `${program} was not found on the controller; install it there, or put it into PATH\n${output.stderr}`
        : output.stderr;
    return { exitCode, stdout: output.stdout, stderr, durationMs: Math.round(performance.now() - since) };
  },
});
