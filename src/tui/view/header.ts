import { count } from '../../core/count.ts';
import { windowOf } from '../../core/rollout.ts';
import { leftMs } from '../estimate.ts';
import type { Model } from '../model.ts';
import type { Rows } from '../rows.ts';
import type { Ui } from '../ui.ts';
import type { Line, Size, Span, Tone } from './frame.ts';
import { shown, standings } from './standing.ts';
import { clean, fit, span, spread, widthOf } from './text.ts';
import { age } from './time.ts';

const outcomeTone: Readonly<Record<string, Tone>> = { succeeded: 'good', failed: 'bad', refused: 'bad' };

/** How the run stands as a whole, for how long, and for how long yet: `running for 12m04s, about 8m left`. */
const runWords = (model: Model, narrow: boolean): Span => {
  const { run, now, counts } = model;
  const took = age((run.runEndedAt ?? now) - (run.startedAt ?? now));
  const words = (word: string, between: string, tone: Tone, more = ''): Span =>
    span(narrow ? `${word} ${took}` : `${word}${between}${took}${more}`, tone);
  if (run.runOutcome !== undefined) return words(run.runOutcome.replace('-', ' '), ' after ', outcomeTone[run.runOutcome] ?? 'strong');
  if (run.halted !== undefined) return words('halted', ', begun ', 'warn', ' ago');
  if (counts.paused > 0 && counts.running === 0) return words('paused', ', begun ', 'warn', ' ago');
  const left = leftMs(model);
  // a guess is not told to the second
  const about = left === undefined ? '' : left < 60_000 ? ', under 1m left' : `, about ${Math.round(left / 60_000)}m left`;
  return words('running', ' for ', 'strong', about);
};

const countLine = ({ counts, nodes }: Model, columns: number): Line => {
  const all = count(nodes.length, 'node');
  const there = standings.filter((standing) => counts[standing] > 0);
  const each = (words: (sign: string, number: number, word: string) => string): Line => [
    span(`${all}  `),
    ...there.map((standing) => span(words(shown[standing].sign, counts[standing], shown[standing].word), shown[standing].tone)),
  ];
  const whole = each((sign, number, word) => ` ${sign} ${number} ${word}  `);
  if (columns >= 60 && widthOf(whole) <= columns + 2) return whole;
  if (columns >= 60) return each((_sign, number, word) => `${number} ${word}  `);
  // without words one sign has one number
  const bySign = Map.groupBy(there, (standing) => shown[standing].sign);
  return [
    span(`${all}  `),
    ...[...bySign].map(([sign, [first = 'pending', ...more]]) =>
      span(`${sign} ${[first, ...more].reduce((sum, standing) => sum + counts[standing], 0)}  `, shown[first].tone),
    ),
  ];
};

const waveWords = ({ wave, spec, nodes }: Model): string => {
  const window = windowOf(spec.rollout, nodes.length);
  const atOnce = window === 1 ? 'one after another' : `at most ${window} at once`;
  switch (wave?.wave) {
    case 'canary':
      return `canary ${wave.nodes}`;
    case 'replay':
      return `again: ${wave.nodes}`;
    case 'rollback':
      return `back: ${wave.nodes}`;
    case 'rollout':
    case undefined:
      return nodes.length === 1 ? '' : atOnce;
  }
};

/** What is particular now, most pressing first: why nothing goes on, what soaks, what is filtered, who works. */
const banner = (ui: Ui, model: Model, rows: Rows): readonly Span[] => {
  const { run, now, nodes, holders } = model;
  const { play, fleet } = ui;
  const ill = Object.entries(run.unhealthy);
  const soaks = run.soakUntil !== undefined && run.soakUntil > now && run.runOutcome === undefined;
  return [
    ...(play
      ? [
          span(
            `history, ${play.paused ? 'stopped' : `${play.speed}× as fast`}, ${age(now - play.from)} of ${age(play.to - play.from)}`,
            'key',
          ),
        ]
      : []),
    ...(fleet.filter === '' ? [] : [span(`filter "${fleet.filter}": ${rows.matching} of ${nodes.length} nodes`, 'key')]),
    ...(run.halted === undefined ? [] : [span(`halted: ${clean(run.halted)}`, 'warn')]),
    ...(run.runOutcome === undefined || model.endWhy === undefined ? [] : [span(clean(model.endWhy), 'warn')]),
    ...(ill.length === 0 ? [] : [span(`unhealthy: ${ill.map(([name, { why }]) => `${name}: ${clean(why)}`).join('; ')}`, 'bad')]),
    ...(soaks ? [span(`the canaries have to stay healthy for another ${age((run.soakUntil ?? now) - now)}`, 'active')] : []),
    ...(!play && run.runOutcome === undefined && holders && !holders.here && holders.others.length === 0
      ? [span('nobody works on this run now', 'bad')]
      : []),
  ];
};

/** The lines above the fleet: what the run is and how it stands, how many nodes stand how, and what is particular now. */
export const headerLines = (ui: Ui, model: Model, rows: Rows, { columns }: Size, count: number): readonly Line[] => {
  const { spec, runId } = model;
  const runbook = spec.runbook.replace(/^.*\//, '').replace(/\.[cm]?[jt]s$/, '');
  const narrow = columns < 60;
  const who: Line = narrow
    ? [span(runId, 'strong'), span(` ${runbook}`)]
    : [span('drover', 'dim'), span('  '), span(runbook, 'strong'), span('  '), span(`run ${runId}`, 'dim')];
  const particular = banner(ui, model, rows).flatMap((one, index) => (index === 0 ? [one] : [span('  ·  ', 'dim'), one]));
  const stands = runWords(model, narrow);
  return [
    narrow ? fit([stands, span('  '), ...who], columns) : spread(who, [stands], columns),
    narrow ? fit(countLine(model, columns), columns) : spread(countLine(model, columns), [span(waveWords(model), 'dim')], columns),
    fit(particular, columns),
  ].slice(0, count);
};
