import type { Cli } from './context.ts';

const SILENT_MS = 3000;

/** Waits for something, and says for what when that takes longer than a person takes for nothing. */
export const whenSlow = async <T>(cli: Pick<Cli, 'stderr'>, what: string, work: Promise<T>): Promise<T> => {
  const timer = setTimeout(() => cli.stderr.write(`drover: waiting for ${what} …\n`), SILENT_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
};
