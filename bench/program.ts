import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A file of this repository that runs in a Node of its own. */
export type Program = {
  readonly child: ChildProcess;
  /** Waits for what it prints. @returns the first group of the pattern @throws Error with the end of its output, when it ends before */
  printed(pattern: RegExp): Promise<string>;
  /** Ends it, if need be by force. */
  stop(): Promise<void>;
};

/** How long a program may take to end by itself. */
const PATIENCE_MS = 15_000;
/** How much of its output an error shows. */
const SHOWN = 2000;

/** Starts a program; `file` is relative to this folder. */
export const start = (file: string, args: readonly string[], env: NodeJS.ProcessEnv): Program => {
  const child = spawn(process.execPath, [new URL(file, import.meta.url).pathname, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const waiting = new Set<() => void>();
  const more = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const wake of waiting) wake();
  };
  child.stdout.on('data', more);
  child.stderr.on('data', more);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output);
          if (!found) return;
          waiting.delete(look);
          resolve(found[1] ?? found[0]);
        };
        waiting.add(look);
        void closed.then((code) => reject(new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output.slice(-SHOWN)}`)));
        look();
      }),
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await closed;
      clearTimeout(force);
    },
  };
};

/** Clock ticks a second, as times(2) counts them: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** What a program has used so far: CPU of all its threads, and the most memory that it ever had. Source: proc(5). */
export const usedBy = (pid: number): { readonly cpuMs: number; readonly peakMb: number } => {
  // the name of the program, in parentheses, may hold anything
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS, peakMb: Number(peak) / 1024 };
};
