import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** How a program ended; `exitCode` is -1 when a signal ended it, a time-out included. */
export type Result = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

type Options = {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ends the program with SIGKILL after this long; 60 s unless told. */
  readonly timeoutMs?: number;
};

/** Runs a program to its end and never throws for its exit code. */
export const run = async (program: string, args: readonly string[], options: Options = {}): Promise<Result> => {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  child.stdin.on('error', () => undefined); // the program may not read it; its exit code tells
  child.stdin.end(options.input);
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, stdout, stderr };
};

/** Runs a program that must end with 0, and returns what it printed. */
export const must = async (program: string, args: readonly string[], options: Options = {}): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(program, args, options);
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${exitCode}: ${(stderr || stdout).trim().slice(-2000)}`);
  return stdout;
};

/** Puts a command into a network namespace. `ip netns exec` becomes the command, so the child's pid is the command's. */
export const inNetns = (netns: string, command: readonly string[]): [string, ...string[]] => ['ip', 'netns', 'exec', netns, ...command];

/** Ties a command to the process that starts it: the kernel kills it when that process is gone, however that ended. prctl(2), PR_SET_PDEATHSIG. */
export const tied = (command: readonly string[]): [string, ...string[]] => ['setpriv', '--pdeathsig', 'KILL', ...command];

/** Starts a program that goes on by itself, its output in `log`. */
export const daemon = async ([program, ...args]: readonly [string, ...string[]], log: string): Promise<{ readonly pid: number }> => {
  await mkdir(path.dirname(log), { recursive: true });
  const fd = openSync(log, 'a');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', fd, fd] });
  closeSync(fd);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`${program} has no pid`);
  return { pid: child.pid };
};

/** Tells whether a process is there and not a zombie. proc(5). */
export const alive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return state !== '' && state !== 'Z' && state !== 'X';
};
