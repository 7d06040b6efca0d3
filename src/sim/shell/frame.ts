import type { Machine } from '../node/machine.ts';
import type { Program } from '../programs/program.ts';

/** Where the output of a command goes. */
export type Sink = (text: string) => void;

/** What a shell process has: its user, variables, standard streams, and whether it has been told to exit. */
export type Frame = {
  readonly machine: Machine;
  readonly user: string;
  readonly variables: Map<string, string>;
  /** Shared by the commands of a script: who reads it takes it. */
  readonly stdin: { text: string };
  readonly out: Sink;
  readonly err: Sink;
  readonly programs: (name: string, variables: ReadonlyMap<string, string>) => Program | undefined;
  now(): number;
  status: number;
  exited: boolean;
};

/** A child of a shell process: it starts with the same variables and changes its own. */
export const child = (frame: Frame, change: Partial<Pick<Frame, 'out' | 'err' | 'stdin' | 'user'>> = {}): Frame => ({
  ...frame,
  variables: new Map(frame.variables),
  exited: false,
  ...change,
});
