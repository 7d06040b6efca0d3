import { learn, startModel, type Model } from '../../src/tui/model.ts';
import { type Effect, type Ui, press, startUi } from '../../src/tui/ui.ts';
import { further, known } from './scenes.ts';
import { modelAfter, pressed, runId, spec, told } from './story.ts';

const MINUTE = 60_000;

/** The terminal that keys are pressed at. */
export const size = { columns: 80, rows: 24 };
/** Three nodes wait for a person, one is done, the others have not begun. */
export const asked = modelAfter(({ stream, event }) => stream === 'runner-03' && event.type === 'step.asked', MINUTE);
/** runner-03 has failed its proof, two wait for a person, the others are done. */
export const failed = modelAfter(({ stream, event }) => stream === 'runner-03' && event.type === 'node.finished', MINUTE);
/** The same, with all that is told besides events. */
export const failedKnown = known.reduce(learn, failed);
/** Nothing has happened. */
export const fresh = startModel(runId, spec, told[0]?.event.at ?? 0);
/** As `asked`, but runner-03 was paused. */
export const onePaused = further(asked, 'runner-03', {
  type: 'node.parked',
  waitsFor: 'paused by anna: drover resume x',
  clears: 'by-word',
  control: '1-1',
});

/** What the last of some keys asked of the world. */
export const effects = (model: Model, keys: string, ui: Ui = startUi): readonly Effect[] => {
  const all = keys.split(' ');
  const last = all.at(-1) ?? '';
  return press(pressed(model, all.slice(0, -1).join(' '), size, ui), model, { name: last, ...(last.length === 1 && { text: last }) }, size)
    .effects;
};
