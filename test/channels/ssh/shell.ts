import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Guard } from '../../../src/core/ports.ts';
import { type Results, resultReader } from '../../../src/channels/ssh/results.ts';
import { type PlainCommand, callScript } from '../../../src/channels/ssh/script.ts';

export const MACHINE = '0123456789abcdef0123456789abcdef';
export const BOOT = '11111111-2222-3333-4444-555555555555';
export const NONCE = 'nonce0nonce0nonce0';

/** Whether this user may mount in a namespace of their own. */
export const canMount = (() => {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A folder that stands for a node's root. */
export type Root = { readonly path: string; readonly state: string } & Disposable;

export const makeRoot = (): Root => {
  const path = mkdtempSync(join(tmpdir(), 'drover-root-'));
  mkdirSync(join(path, 'etc'));
  mkdirSync(join(path, 'proc/sys/kernel/random'), { recursive: true });
  writeFileSync(join(path, 'etc/machine-id'), `${MACHINE}\n`);
  writeFileSync(join(path, 'proc/sys/kernel/random/boot_id'), `${BOOT}\n`);
  return { path, state: join(path, 'var/lib/drover'), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

export const command = (text: string, more: Partial<PlainCommand> = {}): PlainCommand => ({
  text,
  stdin: '',
  durable: false,
  secrets: {},
  ...more,
});
export const guard = (fence: number, more: Partial<Guard> = {}): Guard => ({
  fence,
  run: 'run-1',
  step: 'step-1',
  attempt: 1,
  bootId: BOOT,
  ...more,
});

export type Ran = Results & { readonly code: number | null; readonly signal: string | null; readonly stderr: string };
export type Running = { readonly pid: number; readonly ended: Promise<Ran> };

/** Starts a script with `SHELL -s`, its root folder in front, as the ssh channel would. */
export const start = (shell: readonly string[], root: string, script: string, nonce = NONCE, env?: NodeJS.ProcessEnv): Running => {
  const [program = 'sh', ...words] = shell;
  const child = spawn(program, [...words, '-s'], { stdio: 'pipe', detached: true, ...(env && { env }) });
  const reader = resultReader(nonce, { capBytes: 1 << 20, onLine: () => {}, onDone: () => {} });
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => reader.stdout(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk);
    reader.stderr(chunk);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(`DROVER_ROOT='${root}'\n${script}`);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...reader.results(), code, signal, stderr: Buffer.concat(errors).toString() }));
  });
  return { pid: child.pid ?? -1, ended };
};

/** Runs one guarded command, and reads behind it. */
export const guarded = (
  shell: readonly string[],
  root: Root,
  fence: number,
  text: string,
  more: {
    readonly guard?: Partial<Guard>;
    readonly machineId?: string;
    readonly stdin?: string;
    readonly durable?: boolean;
    readonly reads?: readonly string[];
    readonly nonce?: string;
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Running =>
  start(
    shell,
    root.path,
    callScript(
      more.nonce ?? NONCE,
      {
        command: command(text, { stdin: more.stdin ?? '', durable: more.durable ?? false }),
        guard: guard(fence, more.guard),
        machineId: more.machineId ?? MACHINE,
      },
      (more.reads ?? []).map((read) => command(read)),
    ),
    more.nonce ?? NONCE,
    more.env,
  );

export const read = (shell: readonly string[], root: Root, ...texts: readonly string[]): Running =>
  start(
    shell,
    root.path,
    callScript(
      NONCE,
      null,
      texts.map((text) => command(text)),
    ),
  );

/** A stand-in program in a folder for the front of PATH. */
export const program = (folder: string, name: string, text: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
};

export const text = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);
export const isAlive = (pid: number): boolean => {
  const stat = text(`/proc/${pid}/stat`);
  return stat !== null && !/\) Z /.test(stat);
};
