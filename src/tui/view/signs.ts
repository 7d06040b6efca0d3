import { type NodeRun, type StepState, isSettled } from '../../core/reduce.ts';
import type { Outline } from '../../core/plan.ts';
import type { Frame } from './frame.ts';

/** How a step stands, as one sign each; told apart without colour. */
export const signs = {
  verified: '■',
  running: '▣',
  pending: '□',
  skipped: '⊘',
  failed: '×',
  undone: '↶',
  unknown: '?',
  waits: '⏸',
} as const;

/** How a step stands on the screen. */
export type SignName = keyof typeof signs;

/** The order in which one sign stands for several, when a strip has to be shorter than the plan. */
const loudest = ['×', '⏸', '?', '▣', '↶', '□', '■', '⊘'] as const;

/** How a step of the plan that runs stands. */
export const signOf = (state: StepState | undefined, waits: boolean): SignName => {
  if (state === undefined) return 'pending';
  if (waits && !isSettled(state) && state.phase !== 'failed') return 'waits';
  switch (state.phase) {
    case 'pending':
      return 'pending';
    case 'skipped':
      return 'skipped';
    case 'started':
    case 'applied':
      return 'running';
    case 'unknown':
      return 'unknown';
    case 'verified':
    case 'adopted':
      return 'verified';
    case 'failed':
      return 'failed';
  }
};

/** How a step stands once the way back is or was under way: by its undo, where it has one. */
const signOnTheWayBack = (run: NodeRun, id: string, waitsAt: string | undefined): SignName => {
  const undo = run.steps[`undo.${id}`];
  if (undo === undefined) return waitsAt === `undo.${id}` ? 'waits' : signOf(run.steps[id], false);
  const sign = signOf(undo, waitsAt === `undo.${id}`);
  return sign === 'verified' || sign === 'skipped' ? 'undone' : sign === 'pending' ? signOf(run.steps[id], false) : sign;
};

/** How a step of the forward plan stands, whichever way the node goes. */
export const signOfStep = (run: NodeRun, id: string, waitsAt: string | undefined): SignName =>
  run.plan === 'rollback' ? signOnTheWayBack(run, id, waitsAt) : signOf(run.steps[id], id === waitsAt);

/** A node's steps as a strip, one sign a step of the forward plan; `waitsAt` is the step that waits for a person. */
export const stripOf = (run: NodeRun, outline: Outline | undefined, waitsAt: string | undefined): string =>
  (outline ?? []).map(({ id }) => signs[signOfStep(run, id, waitsAt)]).join('');

/** A strip in at most `width` cells: where several steps share one, the sign that matters most stands for them. */
export const squeeze = (strip: string, width: number): string => {
  if (strip.length <= width) return strip;
  return Array.from({ length: width }, (_, index) => {
    const part = strip.slice(Math.floor((index * strip.length) / width), Math.floor(((index + 1) * strip.length) / width));
    return loudest.find((sign) => part.includes(sign)) ?? part.charAt(0);
  }).join('');
};

const asciiOf: Readonly<Record<string, string>> = {
  '■': '#',
  '▣': '*',
  '□': '.',
  '⊘': '-',
  '×': 'x',
  '↶': '<',
  '⏸': '!',
  '▸': '>',
  '›': '>',
  '‹': '<',
  '→': '>',
  '…': '~',
  '─': '-',
  '│': '|',
  '·': '.',
  '–': '-',
};
const known = new RegExp(`[${Object.keys(asciiOf).join('')}]`, 'g');

/** The same frame with ASCII signs, each as wide as the one it stands for. */
export const inAscii = (frame: Frame): Frame => ({
  ...frame,
  lines: frame.lines.map((line) => line.map((one) => ({ ...one, text: one.text.replace(known, (sign) => asciiOf[sign] ?? '?') }))),
});
