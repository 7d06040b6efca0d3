import { count } from '../../core/count.ts';
import { rolloutLines } from '../../words/rollout.ts';
import { nodeSet } from '../node-set.ts';
import { type PlanShown, type PlanUi, linesIn, nodeAt, planned } from '../plan.ts';
import { windowOn } from '../window.ts';
import type { Frame, Line, Look, Size } from './frame.ts';
import { planParts } from './geometry.ts';
import { againstLines, planLines, planStrip, sumOf } from './plan-lines.ts';
import { rule } from './rule.ts';
import { inAscii, squeeze } from './signs.ts';
import { stripLine } from './standing.ts';
import { cells, exactly, fill, fit, span, spread } from './text.ts';

const nameOf = (name: string): string => (name === '@run' ? 'after all nodes' : name);

const header = ({ spec, nodes }: PlanShown, columns: number, height: number): readonly Line[] => {
  const runbook = spec.runbook.replace(/^.*\//, '').replace(/\.[cm]?[jt]s$/, '');
  const acting = nodes.filter(({ steps }) => steps.some(({ forecast }) => forecast.kind === 'acts'));
  const todo =
    acting.length === 0 ? 'nothing is to be done' : `${acting.length} of ${count(nodes.length, 'node')} to change, none touched yet`;
  const title = spread([span('drover', 'dim'), span('  '), span(runbook, 'strong'), span('  plan')], [span(todo, 'strong')], columns);
  const rollout = rolloutLines(spec).map((line): Line => fit([span(line, 'dim')], columns));
  return [title, rollout[0] ?? [], rollout[1] ?? [], []].slice(0, height);
};

const against = (lines: readonly Line[], room: number): readonly Line[] =>
  lines.length <= room
    ? lines
    : [...lines.slice(0, room - 1), [span(`… and ${lines.length - room + 1} more lines; drover plan shows all`, 'bad')]];

const question = ({ spec, nodes, refusals }: PlanShown, { notice }: PlanUi, columns: number): readonly Line[] => {
  const set = nodeSet(nodes.map(({ node }) => node));
  const names = nodes.length === 1 ? set : `${set} (${nodes.length} nodes)`;
  const failing = spec.onFailure === 'rollback' ? 'a node that fails is rolled back' : 'a node that fails stays as it is, for you';
  const asks: Line =
    refusals.length > 0
      ? [span('Refused: nothing was touched', 'bad')]
      : [span(`Begin on ${names}?`, 'strong'), span(` ${failing}`, 'dim')];
  const keys = [
    ...(refusals.length > 0 ? [] : [['y', 'begin']]),
    ['n', 'leave'],
    ['j k', 'scroll'],
    ['enter', 'fold or unfold'],
    ['z', 'all'],
  ];
  return [
    rule('', columns),
    fit(notice === undefined ? asks : [span(notice, 'warn')], columns),
    fit(
      keys.flatMap(([key = '', label = '']) => [span(key, 'key'), span(` ${label}  `, 'dim')]),
      columns,
    ),
  ];
};

/** The plan before anything is touched: what would happen to each node, step by step; it is confirmed here. */
export const planFrame = (ui: PlanUi, shown: PlanShown, size: Size, look: Look): Frame => {
  const { columns } = size;
  const all = planned(shown);
  const told = againstLines(shown, columns);
  const parts = planParts(size, told.length);
  const { from, to } = windowOn(linesIn(shown, ui, columns), parts.body, ui.top, ui.line);
  const widest = Math.min(Math.floor(columns / 3), Math.max(4, ...all.slice(0, 1000).map(({ node }) => cells(nameOf(node)))));
  const width = columns >= 100 ? 40 : columns >= 60 ? 18 : 6;
  const lineAt = (index: number): Line => {
    const { place, from: begin } = nodeAt(shown, ui, index, columns);
    const node = all[place];
    if (node === undefined) return [];
    if (index > begin) return planLines(node, columns)[index - begin - 1] ?? [];
    const strip = squeeze(planStrip(node), width);
    const at = node.hello === null ? '' : `  at ${node.hello.address}`;
    const name = span(fill(nameOf(node.node), widest), 'strong');
    return fit([span('  '), name, span('  '), ...stripLine(strip), span(`  ${sumOf(node)}`), span(at, 'dim')], columns);
  };
  const selected = (line: Line): Line => {
    const text = line.map((one) => one.text).join('');
    return [span(fill(`› ${text.slice(2)}`, columns), 'selected')];
  };
  const body = Array.from({ length: to - from }, (_, index) => {
    const line = lineAt(from + index);
    return from + index === ui.line ? selected(line) : line;
  });
  const blank = Array.from({ length: Math.max(0, parts.body - body.length) }, (): Line => []);
  const lines = [...header(shown, columns, parts.header), ...body, ...blank, ...against(told, parts.told), ...question(shown, ui, columns)];
  const drawn = exactly({ lines }, size);
  return look.ascii === true ? inAscii(drawn) : drawn;
};
