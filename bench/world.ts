import type { Nodes } from './nodes.ts';

/** What a client of the bench is told, as JSON in its only argument. */
export type Errand = Omit<Nodes, 'stop'> & {
  /** The files that each node gets, with their content. */
  readonly files: Readonly<Record<string, string>>;
  /** A folder for the private Redis. */
  readonly state: string;
};

/** What a client measured: the work without its own start, and the start (imports, up to the first connection). */
export type Measured = { readonly wallMs: number; readonly cpuMs: number; readonly startCpuMs: number };

/** Runs the work of a client, measures it, and prints the figures as the last line. */
export const measured = async (work: (errand: Errand) => Promise<void>): Promise<void> => {
  const errand: Errand = JSON.parse(process.argv[2] ?? '{}');
  const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
  const startCpuMs = ms(process.cpuUsage());
  const before = process.cpuUsage();
  const start = performance.now();
  await work(errand);
  const result: Measured = { wallMs: performance.now() - start, cpuMs: ms(process.cpuUsage(before)), startCpuMs };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
};
