import type { Operator, Running } from '../e2e/drover.ts';

/** Worker processes, each in a place of its own: who is killed there is followed by a new one. */
export type Squad = {
  start(place: number): void;
  kill(place: number, signal: NodeJS.Signals): void;
  /** What all have printed. */
  said(): Promise<string>;
};

/** Makes a squad that is empty at first. */
export const squad = (operator: Operator, env: Readonly<Record<string, string>>): Squad => {
  const now: (Running | undefined)[] = [];
  const all: Running[] = [];
  return {
    start: (place) => {
      const worker = operator.start(['worker'], env);
      now[place] = worker;
      all.push(worker);
    },
    kill: (place, signal) => void now[place]?.child.kill(signal),
    said: async () => {
      for (const worker of now) worker?.child.kill('SIGKILL');
      return (await Promise.all(all.map(({ ended }) => ended))).map(({ stderr }) => stderr).join('');
    },
  };
};
