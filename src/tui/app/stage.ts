import type { Key } from '../ui.ts';
import type { Size } from '../view/frame.ts';
import { ink } from './ink.ts';
import { stopUntilContinued } from './job-control.ts';
import { keysOf, pastedKeys } from './keys.ts';
import { type Hears, type Painted, Rows } from './rows.ts';

/** The terminal that is drawn on; standard input, output and error of the process. */
export type Terminal = { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream };

/** What happens on a stage. */
export type StageEvents = {
  key(key: Key): void;
  /** The size is another one, or the screen comes back: all of it has to be shown again, now. */
  resized(): void;
  /** Nobody is there any more: the terminal was closed, or whoever started drover has died. */
  lost(): void;
  /** The screen is given away until `fg`; what is written now stands on the terminal of the shell. */
  leaving(): void;
};

/** A terminal that is ours alone, until it is closed. */
export type Stage = {
  size(): Size;
  /** False while the terminal is given away. */
  isOpen(): boolean;
  show(painted: Painted): void;
  /** Ctrl-Z: gives the terminal back and stops, until somebody lets the process go on. */
  suspend(): Promise<void>;
  /** Gives the terminal back as it was; may be called again. */
  close(): void;
};

const LOOK_MS = 1000;

/** Takes the terminal: alternate screen, no echo, keys as they are pressed. It is given back however the process ends, but for SIGKILL. */
export const openStage = (terminal: Terminal, first: (size: Size) => Painted, on: StageEvents): Stage => {
  const { stdin, stdout, stderr } = terminal;
  const parent = process.ppid;
  let away: 'no' | 'suspended' | 'closed' = 'no';
  let suspendTerminal: (whileAway: () => Promise<void>) => Promise<void> = async (whileAway) => whileAway();
  const hears: Hears = {
    input: (text, key) => keysOf(text, key).forEach(on.key),
    paste: (text) => pastedKeys(text).forEach(on.key),
    mounted: (app) => (suspendTerminal = app.suspendTerminal),
  };
  const element = (painted: Painted) => ink.createElement(Rows, { painted, hears });
  // a write that fails says that nobody is there: no error of ours, and nothing that anybody would read
  const elsewhere = stdout.listeners('error');
  stdout.removeAllListeners('error');
  let isLost = false;
  const lost = (): void => {
    if (isLost) return;
    isLost = true;
    on.lost();
  };
  for (const stream of [stdin, stdout, stderr]) stream.on('error', lost);
  stdin.on('end', lost);
  process.on('SIGHUP', lost);
  const orphaned = setInterval(() => {
    if (process.ppid !== parent) lost();
  }, LOOK_MS);
  const size = (): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const app = ink.render(element(first(size())), {
    stdin,
    stdout,
    stderr,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // whether this is a terminal was asked before; a CI= in the environment does not make it none
    interactive: true,
    isScreenReaderEnabled: false,
  });
  // before Ink's own: it would show the old frame in the new size
  stdout.prependListener('resize', on.resized);
  const suspend = async (whileAway = stopUntilContinued): Promise<void> => {
    if (away !== 'no') return;
    away = 'suspended';
    process.off('SIGTSTP', stop);
    try {
      await suspendTerminal(async () => {
        on.leaving();
        await whileAway();
      });
    } finally {
      if (away === 'suspended') {
        away = 'no';
        process.on('SIGTSTP', stop);
        on.resized();
      }
    }
  };
  const stop = (): void => void suspend();
  // stopped without having been asked (kill -STOP): the shell has used the terminal since
  const back = (): void => void suspend(async () => undefined);
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', back);
  const close = (): void => {
    if (away === 'closed') return;
    away = 'closed';
    clearInterval(orphaned);
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', back);
    process.off('SIGHUP', lost);
    process.off('uncaughtException', close);
    process.off('unhandledRejection', close);
    stdout.off('resize', on.resized);
    app.unmount();
    // nobody is there: what is still written fails, and that is well
    if (isLost) return;
    stdin.off('end', lost);
    for (const stream of [stdin, stdout, stderr]) stream.off('error', lost);
    for (const listener of elsewhere) stdout.on('error', (error: Error) => void listener.call(stdout, error));
  };
  // before the one that prints the error: on the alternate screen nobody would read it
  process.prependListener('uncaughtException', close);
  process.prependListener('unhandledRejection', close);
  return {
    size,
    isOpen: () => away === 'no',
    show: (painted) => {
      if (away === 'no') app.rerender(element(painted));
    },
    suspend: async () => suspend(),
    close,
  };
};
