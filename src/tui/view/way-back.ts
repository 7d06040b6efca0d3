import type { Model } from '../model.ts';
import type { Line } from './frame.ts';
import { clean, fit, span, wrap } from './text.ts';

const ofNode = (name: string, { wayBack }: Model, columns: number): readonly Line[] => {
  const back = wayBack[name];
  if (back === undefined) return [[span(`${name}: the way back is being looked up`, 'dim')]];
  if (back.kind === 'none') return wrap(clean(back.why), columns, 4).map((text): Line => [span(text, 'bad')]);
  return [
    [span(`${name}: the way back, ${back.steps.length} steps`, 'strong')],
    ...back.steps.flatMap(({ title, actions }): Line[] => [
      fit([span(`  ↶ ${clean(title)}`)], columns),
      ...actions.map((action): Line => fit([span(`      ${clean(action)}`, 'dim')], columns)),
    ]),
  ];
};

/** The ways back of nodes, one after the other, from where it was scrolled. */
export const wayBackLines = (names: readonly string[], model: Model, columns: number, room: number, top: number): readonly Line[] => {
  const lines: Line[] = [];
  // as far as it is in sight, because a run may have ten thousand
  for (const name of names) {
    if (lines.length > top + room) break;
    lines.push(...ofNode(name, model, columns));
  }
  const from = Math.max(0, Math.min(top, lines.length - room));
  const more = lines.length - from - room;
  const shown = lines.slice(from, from + room);
  return more > 0 ? [...shown.slice(0, -1), [span('  … j shows more', 'dim')]] : shown;
};
