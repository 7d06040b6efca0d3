import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { NodeEvent, RunSpec } from '../../src/core/event.ts';
import { eventShapes } from '../../src/journal/shapes.ts';
import type { PlanShown } from '../../src/tui/plan.ts';
import { type Model, type OutputLine, type Told, startModel, tell } from '../../src/tui/model.ts';
import { type Ui, frame, press, startUi } from '../../src/tui/ui.ts';
import type { Frame, Look, Size } from '../../src/tui/view/frame.ts';

/** The simulated nodes of the recording were so many times faster than real machines; the story is told in the time of real ones. */
const SPEED = 60;

const line = z.looseObject({ run: z.string(), node: z.string(), seq: z.number(), at: z.number(), type: z.string() });
const linesOf = (file: string): string[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');

const eventOf = (text: string): { readonly run: string; readonly told: Told } => {
  const { run, node, seq, at, type, ...rest } = line.parse(JSON.parse(text));
  const shape = Object.entries(eventShapes).find(([name]) => name === type)?.[1];
  if (!shape) throw new Error(`the recording has an unknown event ${type}`);
  const event: NodeEvent = { ...shape.parse({ type, ...rest }), seq, at };
  return { run, told: { stream: node, event } };
};

const recorded = linesOf('night.fixture.ndjson').map(eventOf);
const first = recorded[0];
if (first?.told.event.type !== 'run.started') throw new Error('the recording has to begin with run.started');
const start = first.told.event.at;

/** The run that was recorded. */
export const runId = first.run;
export const spec: RunSpec = first.told.event.spec;
/** Its events in the order in which they came, in the time of real machines. */
export const told: readonly Told[] = recorded
  .map(({ told: { stream, event } }) => ({ stream, event: { ...event, at: start + (event.at - start) * SPEED } }))
  .toSorted((a, b) => a.event.at - b.event.at);

/** What is known when the first event that fits has just happened, or a while later. */
export const modelAfter = (fits: (one: Told) => boolean, laterMs = 0): Model => {
  const end = told.findIndex(fits);
  if (end === -1) throw new Error('nothing of the recording fits');
  const at = (told[end]?.event.at ?? 0) + laterMs;
  return { ...told.filter(({ event }) => event.at <= at).reduce(tell, startModel(runId, spec, start)), now: at };
};

/** What is known at the end. */
export const modelAtEnd = (): Model => told.reduce(tell, startModel(runId, spec, start));

/** What runner-03 printed. */
export const output: readonly OutputLine[] = linesOf('output.fixture.ndjson').map((text) => {
  const { at, step, line: printed } = z.looseObject({ at: z.number(), step: z.string(), line: z.string() }).parse(JSON.parse(text));
  return { at: start + (at - start) * SPEED, step, line: printed };
});

/** Presses keys one after the other; `ctrl+…`, names and single characters, apart by blanks. */
export const pressed = (model: Model, keys: string, size: Size = { columns: 80, rows: 24 }, ui: Ui = startUi): Ui =>
  keys
    .split(' ')
    .filter((key) => key !== '')
    .reduce(
      (now, name) => press(now, model, { name, ...(name.length === 1 ? { text: name } : name === 'space' ? { text: ' ' } : {}) }, size).ui,
      ui,
    );

/** A frame as text, the way a terminal without colours shows it. */
export const textOf = ({ lines }: Frame): string =>
  lines
    .map((spans) =>
      spans
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');

/** Draws what is seen after some keys. */
export const drawn = (model: Model, keys: string, size: Size, look: Look = {}): string =>
  textOf(frame(pressed(model, keys, size), model, size, look));

/** What the plan of the recorded run said. */
export const plan: PlanShown = {
  spec,
  ...z
    .looseObject({
      nodes: z.custom<PlanShown['nodes']>(),
      after: z.custom<PlanShown['after']>(),
      refusals: z.array(z.string()),
      warnings: z.array(z.string()),
    })
    .parse(JSON.parse(linesOf('plan.fixture.ndjson')[0] ?? '')),
};
