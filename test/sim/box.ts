import { createMachine } from '../../src/sim/node/create.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { advancePower } from '../../src/sim/node/power.ts';
import type { MachineOptions } from '../../src/sim/node/create.ts';
import { seededIds } from '../../src/sim/random.ts';
import { login } from '../../src/sim/shell/login.ts';
import { timingsAt } from '../../src/sim/timings.ts';

/** When the machines of the tests were started. */
export const START = 1_700_000_000_000;

/** What a command came to, in virtual time. */
export type Ran = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
  readonly cut: boolean;
};

/** A machine at real speed in virtual time. */
export const box = (options: Partial<MachineOptions> = {}): Machine =>
  createMachine(
    { name: 'n1', address: '10.77.0.11/24', gateway: '10.77.0.1', timings: timingsAt(1), ids: seededIds(1), ...options },
    START,
  );

/** Runs a command on a machine, time passing as the command asks. */
export const runOn = (
  machine: Machine,
  command: string,
  options: {
    readonly stdin?: string;
    readonly user?: string;
    readonly at?: number;
    readonly out?: (text: string) => void;
    readonly err?: (text: string) => void;
    /** The connection is cut: nobody hears what comes, and the command is not taken on. */
    readonly severed?: AbortSignal;
  } = {},
): Ran => {
  const start = options.at ?? START + 60_000;
  let now = start;
  let [stdout, stderr] = ['', ''];
  const running = login(machine, {
    user: options.user ?? 'root',
    command,
    stdin: options.stdin ?? '',
    out: (text) => {
      stdout += text;
      options.out?.(text);
    },
    err: (text) => {
      stderr += text;
      options.err?.(text);
    },
    now: () => now,
  });
  for (;;) {
    const { done, value } = running.next();
    if (done === true) return { code: value, stdout, stderr, tookMs: now - start, cut: false };
    if (!Number.isFinite(value) || options.severed?.aborted === true) {
      running.return(143);
      return { code: 255, stdout, stderr, tookMs: now - start, cut: true };
    }
    now += value;
    advancePower(machine, now);
  }
};

/** What a command prints. */
export const printed = (machine: Machine, command: string): string => runOn(machine, command).stdout;
