import { once } from 'node:events';
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
  /** Nobody is there any more: the terminal was closed, or whoever started drover has died. */
  lost(): void;
  /** The screen is given away until `fg`; what is written now stands on the terminal of the shell. */
  leaving(): void;
};

/** A terminal that is ours alone, until it is closed. */
export type Stage = {
  size(): Size;
  /** Shows all as it is now; nothing while the terminal is given away. */
  draw(): void;
  /** Ctrl-Z: gives the terminal back and stops, until somebody lets the process go on. */
  suspend(): Promise<void>;
  /** Gives the terminal back as it was; may be called again. */
  close(): void;
};

const LOOK_MS = 1000;

/** Node asks for the size only when it hears of another one, and who is stopped hears nothing. */
const sizeAskedAnew = async (): Promise<void> => {
  const asked = once(process, 'SIGWINCH');
  process.kill(process.pid, 'SIGWINCH');
  await asked;
};

/**
 * Takes the terminal: alternate screen, no echo, keys as they are pressed. It is given back however the process ends, but for SIGKILL.
 *
 * @param paint what is to be seen now, at this size
 */
export const openStage = (terminal: Terminal, paint: (size: Size) => Painted, on: StageEvents): Stage => {
  const { stdin, stdout, stderr } = terminal;
  const parent = process.ppid;
  let away: 'no' | 'suspended' | 'closed' = 'no';
  let suspendTerminal: (whileAway: () => Promise<void>) => Promise<void> = async (whileAway) => whileAway();
  const hears: Hears = {
    input: (text, key) => keysOf(text, key).forEach(on.key),
    paste: (text) => pastedKeys(text).forEach(on.key),
    mounted: (app) => (suspendTerminal = app.suspendTerminal),
  };
  const size = (): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const element = () => ink.createElement(Rows, { painted: paint(size()), hears });
  // a write that fails says that nobody is there: no error of ours, and nothing that anybody would read
  const elsewhere = stdout.listeners('error');
  stdout.removeAllListeners('error');
  let isLost = false;
  const lost = (): void => {
    if (isLost) return;
    isLost = true;
    // a terminal that was closed says so as soon as it is touched, when nobody has a stage yet that could be closed
    queueMicrotask(on.lost);
  };
  for (const stream of [stdin, stdout, stderr]) stream.on('error', lost);
  stdin.on('end', lost);
  process.on('SIGHUP', lost);
  const orphaned = setInterval(() => {
    if (process.ppid !== parent) lost();
  }, LOOK_MS);
  // frames are written from where the cursor is: from the beginning of a line
  stdout.write('\r');
  const app = ink.render(element(), {
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
  const draw = (): void => {
    if (away === 'no') app.rerender(element());
  };
  // before Ink's own: it would show the old frame in the new size
  stdout.prependListener('resize', draw);
  const suspend = async (whileAway = stopUntilContinued): Promise<void> => {
    if (away !== 'no') return;
    away = 'suspended';
    process.off('SIGTSTP', stop);
    try {
      await suspendTerminal(async () => {
        on.leaving();
        await whileAway();
        await sizeAskedAnew();
        // Ink shows it when it has the terminal again
        app.rerender(element());
        stdout.write('\r');
      });
    } finally {
      if (away === 'suspended') {
        away = 'no';
        process.on('SIGTSTP', stop);
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
    stdout.off('resize', draw);
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
    draw,
    suspend: async () => suspend(),
    close,
  };
};
