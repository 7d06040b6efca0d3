import { isJsonObject } from '../../core/json.ts';
import { openQuestion } from '../../core/question.ts';
import { showVerdict } from '../../core/verdict.ts';
import { askedWords, untilWords, whom } from '../../words/asked.ts';
import { blockedNow, boardLines } from '../../words/blocked.ts';
import { byTheClock, nextLines, wayOutOf } from '../../words/way-out.ts';
import type { Model, NodeView } from '../model.ts';
import { shortId } from '../../words/text.ts';
import { stepsOf } from '../steps-of.ts';
import { evidence } from './evidence.ts';
import type { Line, Look } from './frame.ts';
import { clean, fit, span, wrap } from './text.ts';
import { rule } from './rule.ts';

/** What a failed command was, and what it printed on standard error, where the journal has it. */
const ofError = (view: NodeView, id: string): readonly string[] => {
  const detail = view.run.steps[id]?.error?.detail;
  if (!isJsonObject(detail)) return [];
  const { command, stderr } = detail;
  return [
    ...(typeof command === 'string' ? [`$ ${command}`] : []),
    ...(typeof stderr === 'string' && stderr.trim() !== '' ? [`it said: ${stderr.trim().split('\n').slice(-3).join(' / ')}`] : []),
  ];
};

/** Where the node was found while it was at a step, and the way out of that. */
const ofFound = ({ name, run }: NodeView, { runId, now }: Model, id: string, timeZone: string): readonly string[] => {
  const way = wayOutOf(runId, name, run);
  if (!way || (way.found.step !== id && way.found.waits !== id)) return [];
  const next = nextLines(way.next, byTheClock({ now, timeZone }));
  return [showVerdict(way.found.verdict, run.guard !== undefined), ...next.filter((line) => line !== `waits: ${id}`)];
};

/** What a step asks of whom, since when, and what happens when nothing comes of it. */
const ofAsked = (view: NodeView, { now }: Model, id: string, timeZone: string): readonly string[] => {
  const asked = view.run.steps[id]?.asked;
  if (asked === undefined) return [];
  const open = openQuestion(view.run)?.step === id;
  const reading = { now, timeZone };
  const stream = view.node.name;
  const rest = open
    ? [untilWords(stream, view.run, asked, reading) ?? '', askedWords(view.run, asked, reading)].filter((part) => part !== '')
    : [];
  return [`asks ${whom(asked)}: ${asked.instructions}`, ...(rest.length > 0 ? [rest.join('; ')] : [])];
};

/** Who keeps a step from going on now, a line a pod. */
const ofBlocked = ({ run }: NodeView, { now }: Model, id: string, timeZone: string): readonly string[] => {
  const blocked = blockedNow(run);
  return blocked?.step === id ? boardLines(blocked.by, { now, timeZone }) : [];
};

/** What is known of a step, most telling first. */
const wordsOf = (view: NodeView, model: Model, id: string, timeZone: string): readonly { readonly text: string; readonly bad?: true }[] => {
  const state = view.run.steps[id];
  const note = view.notes[id];
  const entry = stepsOf(view).find((one) => one.id === id);
  const known = model.detail?.node === view.name ? model.detail.steps[id] : undefined;
  if (state === undefined) {
    const actions = known?.actions ?? [];
    return [{ text: 'not looked at yet' }, ...actions.map((action) => ({ text: `$ ${action}` }))];
  }
  const failed = state.phase === 'failed' ? (state.unmet ?? []).join('; ') || (state.error?.message ?? '') : '';
  const board = ofBlocked(view, model, id, timeZone);
  // who keeps it now is the news: what was unmet at the start may be done by then
  const unmet = board.length > 0 ? '' : (note?.unmet ?? []).join('; ');
  const errors = ofError(view, id);
  const boots =
    state.bootId === undefined
      ? ''
      : state.appliedOn !== undefined && state.appliedOn !== state.bootId
        ? `boot ${shortId(state.appliedOn)} → ${shortId(state.bootId)}`
        : `boot ${shortId(state.bootId)}`;
  return [
    ...(failed === '' ? [] : [{ text: `failed: ${failed}`, bad: true } as const]),
    ...ofFound(view, model, id, timeZone).map((text) => ({ text })),
    ...ofAsked(view, model, id, timeZone).map((text) => ({ text })),
    ...board.map((text) => ({ text })),
    ...(note?.answer ? [{ text: `${note.answer.by} answered: ${note.answer.words}` }] : []),
    ...(unmet === '' || failed.includes(unmet) ? [] : [{ text: `why: ${unmet}` }]),
    ...(state.phase === 'unknown' && note?.unknown !== undefined ? [{ text: `cut off, a look decides: ${note.unknown}` }] : []),
    ...(note?.skipped === undefined ? [] : [{ text: `skipped: ${note.skipped}` }]),
    ...errors.map((text) => ({ text })),
    ...(errors.length > 0 ? [] : (known?.actions ?? []).map((action) => ({ text: `$ ${action}` }))),
    ...[evidence(state, entry?.kind !== 'gate')].filter((text) => text !== '').map((text) => ({ text })),
    ...[[boots, note?.verdict ?? '', state.attempt > 1 ? `attempt ${state.attempt}` : ''].filter((text) => text !== '').join(', ')]
      .filter((text) => text !== '')
      .map((text) => ({ text })),
  ];
};

/** All there is to know of the step under the cursor, in `count` lines with a rule above. */
export const stepDetail = (
  view: NodeView,
  model: Model,
  id: string | undefined,
  count: number,
  columns: number,
  { timeZone = 'UTC' }: Look,
): readonly Line[] => {
  if (count === 0) return [];
  const blank = (lines: readonly Line[]): readonly Line[] => [...lines, ...Array.from({ length: count - lines.length }, (): Line => [])];
  if (id === undefined) return blank([rule('', columns)]);
  const title = model.detail?.node === view.name ? model.detail.steps[id]?.title : undefined;
  const words = wordsOf(view, model, id, timeZone);
  const room = count - 1;
  const lines: Line[] = [];
  for (const [index, { text, bad }] of words.entries()) {
    // the most telling comes first and is shown whole; what is next gets at least one row of what is left
    const most = Math.max(1, room - lines.length - (index === words.length - 1 ? 0 : 1));
    if (lines.length < room)
      lines.push(...wrap(clean(text), columns, most).map((part) => fit([span(part, bad ? 'bad' : 'plain')], columns)));
  }
  return blank([rule(title === undefined || title === id ? id : `${clean(title)}  [${id}]`, columns), ...lines]);
};
