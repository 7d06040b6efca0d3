import type { RunSpec } from '../core/event.ts';
import type { StreamEvent } from '../core/ports.ts';
import type { Cli } from './context.ts';
import type { OutputFlags } from './flags.ts';
import { ndjsonLine } from './ndjson.ts';
import { type PlainView, plainLines, startView } from './plain.ts';
import { readsAloud } from './has-screen.ts';
import { readAloud } from './read-aloud.ts';
import { closingLines } from './summary.ts';
import { paintFor } from '../words/text.ts';

/** Tells a run's events: a line for people, or a JSON object for programs. */
export type Teller = {
  /** What had happened before: not told again, but people see how everything stands and what they have to do. */
  recall(before: readonly StreamEvent[]): void;
  tell(told: StreamEvent): void;
  end(): void;
};

/** Makes the teller that the flags ask for. Plain lines end with how everything stands and what a person has to do now. */
export const teller = (cli: Cli, runId: string, spec: RunSpec, flags: OutputFlags): Teller => {
  if (flags.json === true) {
    return {
      tell: ({ stream, event }) => cli.stdout.write(`${ndjsonLine(runId, stream, event)}\n`),
      recall: () => undefined,
      end: () => undefined,
    };
  }
  if (readsAloud(cli.env, flags.screenReader)) return readAloud(cli, runId, spec);
  const paint = paintFor(cli.stdout, cli.env);
  let view: PlainView = startView(
    runId,
    spec.nodes.map(({ name }) => name),
  );
  const stand = (): void => {
    for (const line of closingLines(view, { now: Date.now() }, paint)) cli.stdout.write(`${line}\n`);
  };
  return {
    recall: (before) => {
      if (before.length === 0) return;
      for (const { stream, event } of before) view = plainLines(view, stream, event).view;
      stand();
    },
    tell: ({ stream, event }) => {
      const told = plainLines(view, stream, event, { paint });
      view = told.view;
      for (const line of told.lines) cli.stdout.write(`${line}\n`);
    },
    end: stand,
  };
};
