import { showMs } from '../core/duration.ts';
import type { NodeEvent, Outcome, RunOutcome } from '../core/event.ts';
import { type NodeRun, emptyRun, reduce } from '../core/reduce.ts';
import { say } from '../words/events.ts';

/** An event of the run that is rehearsed, in the order in which all were written. */
export type Written = { readonly stream: string; readonly event: NodeEvent };

/** How a run, a replay or a rollback ended. */
export type Rehearsed = {
  /** `halted`: it waits for a word. `waiting`: it asks a person, and `people` says nothing about it. */
  readonly outcome: RunOutcome | 'halted' | 'waiting';
  /** What it waits for, or why it was refused. */
  readonly why: string | null;
  /** How each node stands; null: it has not ended, or never began. */
  readonly nodes: Readonly<Record<string, Outcome | null>>;
  /** The steps that acted, `NODE STEP`; empty where all was as wished. */
  readonly acted: readonly string[];
  /** All that happened, in words. */
  readonly told: readonly string[];
  /** How long it took, in its own time. */
  readonly tookMs: number;
};

/** What came of the events from one of them on. */
export const storyOf = (
  written: readonly Written[],
  from: number,
  nodes: readonly string[],
): Pick<Rehearsed, 'nodes' | 'acted' | 'told' | 'tookMs'> => {
  const streams = new Map<string, NodeRun>();
  const told: string[] = [];
  const acted: string[] = [];
  const since = written[from]?.event.at ?? 0;
  for (const [index, { stream, event }] of written.entries()) {
    const before = streams.get(stream) ?? emptyRun;
    streams.set(stream, reduce(before, event));
    if (index < from) continue;
    const { step, sign, words } = say(event, before);
    told.push(`+${showMs(event.at - since)} ${stream} ${step === null ? '' : `${step} `}${sign} ${words}`);
    // a gate that is waited for has begun as well
    const started = event.type === 'step.started' ? before.outline?.find(({ id }) => id === event.step) : undefined;
    if (started && started.kind !== 'gate') acted.push(`${stream} ${started.id}`);
  }
  return {
    nodes: Object.fromEntries(nodes.map((name) => [name, streams.get(name)?.outcome ?? null])),
    acted,
    told,
    tookMs: (written.at(-1)?.event.at ?? since) - since,
  };
};
