import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Account } from './fleet.ts';
import { say } from './log.ts';
import { type Result, inNetns, tied } from './process.ts';
import { poll } from './wait.ts';

/** The built command line of this repository. */
export const droverProgram = path.join(import.meta.dirname, '../../bin/drover');

/** A line of `--json`: `node` is absent on what concerns the run. */
const eventLine = z.looseObject({ run: z.string().optional(), node: z.string().nullish(), type: z.string() });
/** An event as drover printed it. */
export type PrintedEvent = z.infer<typeof eventLine>;

/** The events among lines of output; a line that is not JSON is none. */
export const eventsIn = (stdout: string): PrintedEvent[] =>
  stdout.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const parsed = eventLine.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  });

/** A drover that runs. */
export type Spawned = AsyncDisposable & {
  readonly pid: number;
  /** What it has printed so far. */
  readonly printed: () => { readonly stdout: string; readonly stderr: string };
  /** Waits for an event that it prints with `--json`. Throws when it ends without. */
  event(what: string, withinMs: number, is: (event: PrintedEvent) => boolean): Promise<PrintedEvent>;
  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  /** Its end. `exitCode` is -1 when a signal ended it. */
  readonly ended: Promise<Result>;
};

/** Starts drover as a person would on a controller that reaches both subnets; its output goes to the log as it comes. */
export const spawnDrover = (
  netns: string,
  account: Account,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Spawned => {
  say(
    `$ ${Object.entries(env)
      .map(([name, value]) => `${name}=${value} `)
      .join('')}drover ${args.join(' ')}`,
  );
  const [program, ...rest] = inNetns(netns, tied([droverProgram, ...args]));
  const child = spawn(program, rest, { cwd: account.folder, env: { ...account.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  const take = (name: 'stdout' | 'stderr'): void => {
    createInterface(child[name]).on('line', (line) => {
      printed[name] += `${line}\n`;
      say(`  drover${name === 'stderr' ? ' (stderr)' : ''}| ${line}`);
    });
  };
  take('stdout');
  take('stderr');
  let result: Result | undefined;
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      result = { exitCode: code ?? -1, ...printed };
      say(`  drover ${args[0] ?? ''} ended: ${signal ?? `exit ${code}`}`);
      resolve(result);
    });
  });
  ended.catch(() => undefined); // whoever waits for it hears of it
  return {
    pid: child.pid ?? -1,
    printed: () => printed,
    ended,
    kill: (signal) => {
      say(`kill -${signal} ${child.pid} (drover ${args[0] ?? ''})`);
      child.kill(signal);
    },
    event: (what, withinMs, is) =>
      poll(
        `drover prints: ${what}`,
        { withinMs, everyMs: 100 },
        async () => eventsIn(printed.stdout).find(is) ?? (result === undefined ? undefined : null),
      ).then((seen) => {
        if (seen === null) throw new Error(`drover ${args.join(' ')} ended with ${result?.exitCode} and never printed: ${what}`);
        return seen;
      }),
    [Symbol.asyncDispose]: async () => {
      if (result === undefined) child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
};
