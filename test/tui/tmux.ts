import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';

const execute = promisify(execFile);

/** A real terminal with a shell in it, as an operator has one. */
export type Pane = AsyncDisposable & {
  /** Types a line into the shell, and Enter, as soon as it waits for one: what is typed before, whoever ends may read. */
  line(text: string): Promise<void>;
  /** Presses keys, by tmux' names for them: `j`, `Enter`, `C-c`, `Escape`. */
  press(...keys: readonly string[]): Promise<void>;
  /** All rows as they stand there. */
  screen(): Promise<string>;
  /** The rows with their colours. */
  painted(): Promise<string>;
  /** Waits until the rows match; gives the rows. */
  shows(pattern: RegExp, withinMs?: number): Promise<string>;
  /** What of the terminal a program has to give back. */
  modes(): Promise<{ readonly alternate: boolean; readonly cursor: boolean }>;
  resize(columns: number, rows: number): Promise<void>;
  /** The process that runs in the foreground of the shell. */
  shellPid(): Promise<number>;
};

/** How a terminal is opened. */
export type PaneOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

let opened = 0;

/** Sees to it that tmux is there: where it is missing and can be installed, it is. @throws when it is not to be had */
export const provideTmux = (): void => {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
  } catch {
    const install = ['install', '-y', '-qq', '--no-install-recommends', 'tmux'];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    try {
      execFileSync('apt-get', install, { stdio: 'ignore', env });
    } catch {
      try {
        execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
        execFileSync('apt-get', install, { stdio: 'ignore', env });
      } catch (error) {
        throw new Error('these tests need a terminal: install tmux', { cause: error });
      }
    }
  }
};

/** Opens a terminal with a shell of its own, on a tmux server of its own. */
export const openPane = async ({ columns = 80, rows = 24, env, cwd }: PaneOptions): Promise<Pane> => {
  opened += 1;
  const server = `drover-test-${process.pid}-${opened}`;
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await execute('tmux', ['-L', server, ...args], { env: { ...env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color' }, cwd })).stdout;
  const shell = ['bash', '--noprofile', '--norc', '-i'];
  await tmux('-f', '/dev/null', '-u', 'new-session', '-d', '-x', String(columns), '-y', String(rows), '-s', 'test', ...shell);
  await tmux('set', '-g', 'status', 'off');
  await tmux('set', '-g', 'escape-time', '0');
  await tmux('resize-window', '-t', 'test', '-x', String(columns), '-y', String(rows));
  const screen = async (): Promise<string> => tmux('capture-pane', '-p', '-t', 'test');
  const shows = async (pattern: RegExp, withinMs = 20_000): Promise<string> => {
    const until = Date.now() + withinMs;
    for (;;) {
      const seen = await screen();
      if (pattern.test(seen)) return seen;
      if (Date.now() > until) throw new Error(`the terminal did not show ${pattern.source} within ${withinMs} ms; it shows:\n${seen}`);
      await wait(30);
    }
  };
  await shows(/^\$/m);
  return {
    line: async (text) => {
      await shows(/(^|\n)\$\s*$/);
      await tmux('send-keys', '-t', 'test', '-l', text);
      await tmux('send-keys', '-t', 'test', 'Enter');
    },
    press: async (...keys) => {
      await tmux('send-keys', '-t', 'test', ...keys);
    },
    screen,
    painted: async () => tmux('capture-pane', '-p', '-e', '-t', 'test'),
    shows,
    modes: async () => {
      const [alternate, cursor] = (await tmux('display-message', '-p', '-t', 'test', '#{alternate_on} #{cursor_flag}')).trim().split(' ');
      return { alternate: alternate === '1', cursor: cursor === '1' };
    },
    resize: async (to, high) => {
      await tmux('resize-window', '-t', 'test', '-x', String(to), '-y', String(high));
    },
    shellPid: async () => Number((await tmux('display-message', '-p', '-t', 'test', '#{pane_pid}')).trim()),
    [Symbol.asyncDispose]: async () => {
      await tmux('kill-server').catch(() => undefined);
    },
  };
};
