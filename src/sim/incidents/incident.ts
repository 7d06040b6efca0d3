import type { SimNodeOptions } from '../options.ts';
import type { Sim } from '../sim.ts';

/** What is done by hand, or looked at, while an incident is told. `run` is shell text, as root; `pods` lists those of a node. */
export type Scene =
  | { readonly say: string }
  | { readonly on: string; readonly run: string }
  | { readonly on: string; readonly reboot: true }
  | { readonly pods: string };

/** A fleet in the state from which an outage came, and how it came: what a runbook is there to prevent. */
export type Incident = {
  /** By which people ask for it, and its page; the runbook's unless said. */
  readonly name?: string;
  readonly runbook: string;
  /** What happened, in a sentence. */
  readonly about: string;
  readonly nodes: readonly SimNodeOptions[];
  /** Parameters of the runbook, as `--set` takes them. */
  readonly set: readonly string[];
  /** What the person of the demo answers where a step asks for words, by step; the first choice unless said. */
  readonly answers?: Readonly<Record<string, string>>;
  /** What is in the world besides the nodes. */
  prepare?(sim: Sim): void;
  /** What was done by hand. */
  readonly byHand: readonly Scene[];
  /** How anybody can see afterwards whether it has happened. */
  readonly look: readonly Scene[];
  /** What the look prints when it has. */
  readonly failure: RegExp;
  /** Where drover mends nothing, but refuses before anything is touched: its words. */
  readonly refused?: RegExp;
};

/** The name of an incident. */
export const nameOf = ({ name, runbook }: Pick<Incident, 'name' | 'runbook'>): string => name ?? runbook;
