import { count } from '../../core/count.ts';
import type { NodePreview, Preview } from '../../engine/preview.ts';
import type { Line, Tone } from './frame.ts';
import { signs } from './signs.ts';
import type { PlanShown } from '../plan.ts';
import { clean, fill, span, wrap } from './text.ts';

const INDENT = 4;
const DEEPER = 6;
const LABEL = 8;

/** A labelled text, broken into as many lines as it takes: an action is never cut, because it is what will be done. */
const labelled = (label: string, texts: readonly string[], tone: Tone, columns: number): readonly Line[] =>
  texts.flatMap((text, index) =>
    wrap(clean(text), Math.max(10, columns - DEEPER - LABEL), 50).map((part, row): Line => [
      span(' '.repeat(DEEPER)),
      span(fill(index === 0 && row === 0 ? label : '', LABEL), 'dim'),
      span(part, tone),
    ]),
  );

const headed = (sign: string, text: string, tone: Tone, columns: number): readonly Line[] =>
  wrap(clean(text), Math.max(10, columns - INDENT - 2), 9).map((part, row): Line => [
    span(' '.repeat(INDENT)),
    span(row === 0 ? `${sign} ` : '  ', tone),
    span(part, tone),
  ]);

const undo = (rollback: readonly string[] | 'impossible' | 'itself', columns: number): readonly Line[] => {
  if (rollback === 'impossible') return labelled('undo', ['impossible: the point of no return'], 'bad', columns);
  if (rollback === 'itself') return labelled('undo', ['the same again, if something that was restored needs it'], 'dim', columns);
  return labelled('undo', rollback.length === 0 ? ['nothing to take back'] : rollback, 'dim', columns);
};

const stepLines = ({ id, title, proves, forecast, outlook = [] }: Preview, columns: number): readonly Line[] => {
  const name = id === title ? id : `${title}  [${id}]`;
  switch (forecast.kind) {
    case 'met':
      return headed(signs.verified, `${name}: met`, 'dim', columns);
    case 'not-needed':
      return headed(signs.skipped, `${name}: not needed, nothing inside has to be done`, 'dim', columns);
    case 'later':
      return headed(
        signs.unknown,
        `${name}: ${proves === null ? 'looked at when it is due' : `proves that ${proves} has taken effect`}`,
        'dim',
        columns,
      );
    case 'refuses':
      return [...headed(signs.failed, `${name}: refuses`, 'bad', columns), ...labelled('because', forecast.unmet, 'bad', columns)];
    case 'acts':
      return [
        ...headed(signs.pending, name, 'strong', columns),
        ...labelled('because', forecast.unmet, 'plain', columns),
        ...labelled('do', forecast.actions, 'plain', columns),
        ...labelled('expect', outlook, 'plain', columns),
        ...undo(forecast.rollback, columns),
      ];
  }
};

const made = new WeakMap<NodePreview, { readonly columns: number; readonly lines: readonly Line[] }>();

/** What would happen to one node, step by step; made once, however often it is scrolled. */
export const planLines = (node: NodePreview, columns: number): readonly Line[] => {
  const known = made.get(node);
  if (known?.columns === columns) return known.lines;
  const refused = node.steps.length === 0 ? node.refusals.flatMap((text) => headed(signs.failed, text, 'bad', columns)) : [];
  const lines = [...node.steps.flatMap((step) => stepLines(step, columns)), ...refused];
  made.set(node, { columns, lines });
  return lines;
};

/** What speaks against the run, and what is only odd; as many lines as it takes. */
export const againstLines = ({ refusals, warnings }: Pick<PlanShown, 'refusals' | 'warnings'>, columns: number): readonly Line[] => {
  const told =
    (sign: string, tone: Tone) =>
    (text: string): readonly Line[] =>
      wrap(clean(text), Math.max(10, columns - 2), 6).map((part, row): Line => [
        span(row === 0 ? `${sign} ` : '  ', tone),
        span(part, tone),
      ]);
  return [...refusals.flatMap(told(signs.failed, 'bad')), ...warnings.flatMap(told('!', 'warn'))];
};

/** How many lines a node has in the plan. */
export const planHeight = (node: NodePreview, open: boolean, columns: number): number => 1 + (open ? planLines(node, columns).length : 0);

/** What a plan comes to for one node, in words. */
export const sumOf = ({ steps, refusals }: NodePreview): string => {
  if (refusals.length > 0) return 'refused';
  const acts = steps.filter(({ forecast }) => forecast.kind === 'acts');
  if (acts.length === 0) return 'everything is as wished';
  const last = acts.find(({ forecast }) => forecast.kind === 'acts' && forecast.rollback === 'impossible');
  return `${count(acts.length, 'step')} to do${last ? `, no way back after ${last.id}` : ''}`;
};

const signFor: Readonly<Record<Preview['forecast']['kind'], string>> = {
  met: signs.verified,
  'not-needed': signs.skipped,
  acts: signs.pending,
  later: signs.unknown,
  refuses: signs.failed,
};

/** The steps of a planned node, a sign each. */
export const planStrip = ({ steps }: NodePreview): string => steps.map(({ forecast }) => signFor[forecast.kind]).join('');
