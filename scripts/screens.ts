// Draws the screen for the README, as text and as a picture, from the journal of a recorded run (test/tui/record.ts). Run by `npm run screens`; a
// test holds both up to date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { learn } from '../src/tui/model.ts';
import { type PlanUi, startPlan } from '../src/tui/plan.ts';
import { frame } from '../src/tui/ui.ts';
import type { Frame, Size } from '../src/tui/view/frame.ts';
import { planFrame } from '../src/tui/view/plan.ts';
import { modelAfter, output, plan, pressed, textOf } from '../test/tui/story.ts';
import { svgOf } from './svg.ts';

/** The files that are written. */
export const readmeFile = new URL('../README.md', import.meta.url);
export const pictureFile = new URL('../docs/screen.svg', import.meta.url);

// one node has failed, one waits for a person, one has just come up at its new address
const busy = modelAfter(({ stream, event }) => stream === 'runner-07' && event.type === 'step.verified' && event.step === 'reboot', 5000);
const model = learn(busy, { is: 'output', node: 'runner-03', lines: output });
const screen = (keys: string, size: Size): Frame => frame(pressed(model, keys, size), model, size, {});
const planUi: PlanUi = { ...startPlan, line: 17 };

/** The frames of the README, by the name in its marks. */
export const frames: Readonly<Record<string, Frame>> = {
  fleet: screen('N', { columns: 110, rows: 14 }),
  node: screen('N enter', { columns: 110, rows: 34 }),
  plan: planFrame(planUi, plan, { columns: 110, rows: 26 }, {}),
};

/** The picture: the fleet as a terminal of ordinary size shows it. */
export const picture = (): string => {
  const size = { columns: 120, rows: 24 };
  return svgOf(screen('N', size), size, 'drover watches a run: eight nodes, one has failed, its step and the reason beside it');
};

/** Puts each frame between its marks, `<!-- screen: NAME -->` and `<!-- /screen -->`. @throws Error when a frame has no place */
export const withFrames = (readme: string): string =>
  Object.entries(frames).reduce((text, [name, one]) => {
    const mark = `<!-- screen: ${name} -->`;
    const [before, behind] = [text.indexOf(mark), text.indexOf('<!-- /screen -->', text.indexOf(mark))];
    if (before === -1 || behind === -1) throw new Error(`the README has no ${mark}`);
    return `${text.slice(0, before)}${mark}\n\n\`\`\`\n${textOf(one)}\n\`\`\`\n\n${text.slice(behind)}`;
  }, readme);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('.', pictureFile), { recursive: true });
  writeFileSync(pictureFile, picture());
  writeFileSync(readmeFile, withFrames(readFileSync(readmeFile, 'utf8')));
}
