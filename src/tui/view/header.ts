import { windowOf } from '../../core/rollout.ts';
import { leftMs } from '../estimate.ts';
import type { Model } from '../model.ts';
import { nodeSet } from '../node-set.ts';
import type { Rows } from '../rows.ts';
import type { Ui } from '../ui.ts';
import type { Line, Size, Span, Tone } from './frame.ts';
import { shown, standings } from './standing.ts';
import { clean, fit, span, spread } from './text.ts';
import { age } from './time.ts';

const outcomeTone: Readonly<Record<string, Tone>> = { succeeded: 'good', failed: 'bad', refused: 'bad' };

/** How the run stands as a whole, and for how long: `running for 12m04s, about 8m left`. */
export const runWords = (model: Model): Span => {
  const { run, now, counts } = model;
  const took = age((run.runEndedAt ?? now) - (run.startedAt ?? now));
  if (run.runOutcome !== undefined)
    return span(`${run.runOutcome.replace('-', ' ')} after ${took}`, outcomeTone[run.runOutcome] ?? 'strong');
  if (run.halted !== undefined) return span(`halted, ${took} since it began`, 'warn');
  if (counts.paused > 0 && counts.running === 0) return span(`paused, ${took} since it began`, 'warn');
  const left = leftMs(model);
  // a guess is not told to the second
  const about = left === undefined ? '' : left < 60_000 ? ', less than a minute left' : `, about ${Math.round(left / 60_000)}m left`;
  return span(`running for ${took}${about}`, 'strong');
};

const countLine = ({ counts, nodes }: Model, narrow: boolean): Line => {
  const each = standings.flatMap((standing): Span[] => {
    const number = counts[standing];
    const { sign, word, tone } = shown[standing];
    return number === 0 ? [] : [span(narrow ? `${sign} ${number}  ` : `${sign} ${number} ${word}   `, tone)];
  });
  const all = `${nodes.length} node${nodes.length === 1 ? '' : 's'}`;
  return [span(`${all}${narrow ? '  ' : '   '}`), ...each];
};

const waveWords = ({ wave, spec, nodes }: Model): string => {
  const window = windowOf(spec.rollout, nodes.length);
  const atOnce = window === 1 ? 'one after another' : `at most ${window} at once`;
  switch (wave?.wave) {
    case 'canary':
      return `canary ${nodeSet(wave.nodes)}`;
    case 'replay':
      return `again: ${nodeSet(wave.nodes)}`;
    case 'rollback':
      return `back: ${nodeSet(wave.nodes)}`;
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
  const stands = runWords(model);
  const standsShort = span(stands.text.replace(/^(\w+)(?: \w+)? (\w+).*$/, '$1 $2'), stands.tone);
  return [
    narrow ? fit([standsShort, span('  '), ...who], columns) : spread(who, [stands], columns),
    narrow ? fit(countLine(model, true), columns) : spread(countLine(model, columns < 76), [span(waveWords(model), 'dim')], columns),
    fit(particular, columns),
  ].slice(0, count);
};
