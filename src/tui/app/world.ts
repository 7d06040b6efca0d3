import type { RunSpec } from '../../core/event.ts';
import type { Holders, OutputLine, StepDetail, Told, WayBack } from '../model.ts';
import type { Saying } from '../ui.ts';

/** What the screen sees and does of the world: it reads the journal and writes the control stream. */
export type World = {
  readonly runId: string;
  readonly spec: RunSpec;
  /** What had happened when it opened, stream by stream. */
  readonly before: readonly Told[];
  /** What happens from then on. */
  follow(signal: AbortSignal): AsyncIterable<Told>;
  /** Says something to the run. @throws DroverError that tells why it cannot be said */
  say(records: readonly Saying[]): Promise<void>;
  /** All lines that are kept of what the commands of a node printed. */
  output(node: string): Promise<readonly OutputLine[]>;
  /** What the runbook says of the steps of a node. */
  details(node: string): Promise<Readonly<Record<string, StepDetail>>>;
  /** How long it takes to the node and back; undefined where nothing answers. */
  latency(node: string, address: string): Promise<number | undefined>;
  waysBack(nodes: readonly string[]): Promise<Readonly<Record<string, WayBack>>>;
  holders(): Promise<Holders>;
  /** Epoch ms. */
  now(): number;
};

/** Why the screen was left: by a key, because somebody stopped the process, or because the terminal is gone. */
export type Left = 'key' | 'signal' | 'lost';
