import { showVerdict } from '../../core/verdict.ts';
import { foundNow } from '../../core/way-out.ts';
import { shortId } from '../../words/text.ts';
import type { Model, NodeView } from '../model.ts';
import { targetOf } from '../press/act.ts';
import { nodeOf, stepsOf } from '../steps-of.ts';
import type { NodeUi, Ui } from '../ui.ts';
import { bottomOf } from './bottom.ts';
import { atWords } from './at.ts';
import type { Frame, Line, Look, Size } from './frame.ts';
import { nodeParts } from './geometry.ts';
import { outputLines } from './output.ts';
import { shown } from './standing.ts';
import { stepDetail } from './step-detail.ts';
import { stepLines, stepsHeading } from './steps.ts';
import { cut, fit, span, spread } from './text.ts';
import { age } from './time.ts';
import { wayBackLines } from './way-back.ts';

/** The boot that the node was last seen on. */
const lastBoot = ({ run }: NodeView): string | undefined => {
  let last: { readonly at: number; readonly bootId: string } | undefined;
  for (const { bootId, endedAt = 0 } of Object.values(run.steps)) {
    if (bootId !== undefined && endedAt >= (last?.at ?? 0)) last = { at: endedAt, bootId };
  }
  return last?.bootId;
};

/** Where the node answers and who it is: address, machine, host key, boot, how long an answer takes. */
const connection = (view: NodeView, { link }: Model): string => {
  const { run, node } = view;
  if (node.addresses.length === 0) return 'runs once for the run, on no node';
  if (run.address === undefined) return `not contacted yet, listed at ${node.addresses.join(', ')}`;
  const boot = lastBoot(view);
  const found = foundNow(run);
  const noted = Object.values(view.notes).findLast((note) => note.verdict !== undefined)?.verdict;
  const verdict = found ? showVerdict(found.verdict, run.guard !== undefined) : noted;
  return [
    `${run.unreachable ? 'does not answer, last at' : 'at'} ${run.address}${node.addresses.includes(run.address) ? '' : ` (listed at ${node.addresses.join(', ')})`}`,
    ...(link?.node === view.name ? [`${Math.max(1, Math.round(link.latencyMs))} ms`] : []),
    ...(boot === undefined ? [] : [`boot ${shortId(boot)}`]),
    ...(verdict === undefined ? [] : [verdict]),
    ...(run.identity ? [`machine ${shortId(run.identity.machineId)}`, `host key ${cut(run.identity.hostKey, 18)}`] : []),
  ].join(' · ');
};

const header = (view: NodeView, model: Model, { columns }: Size, count: number): readonly Line[] => {
  const { sign, tone, word } = shown[view.standing];
  const { run, since } = view;
  const ms = run.outcome === undefined ? since && model.now - since : run.startedAt && (run.endedAt ?? model.now) - run.startedAt;
  const at = atWords(view);
  const where =
    at === word ? '' : run.outcome === 'failed' || run.outcome === 'cancelled' ? ` at ${at.replace('cancelled at ', '')}` : `: ${at}`;
  const time = ms === undefined || ms === 0 ? '' : run.outcome === undefined ? `, ${age(ms)}` : ` after ${age(ms)}`;
  const title = spread(
    [span(`${sign} `, tone), span(view.name, 'strong'), span(`  ${word}${where}${time}`, tone)],
    [span(`run ${model.runId}`, 'dim')],
    columns,
  );
  return [title, fit([span(connection(view, model), 'dim')], columns), fit([span(view.why)], columns), stepsHeading(view, columns)].slice(
    0,
    count,
  );
};

/** One node: its steps, what is known of the one under the cursor, and what its commands print. */
export const nodeFrame = (ui: Ui, node: NodeUi, model: Model, size: Size, look: Look): Frame => {
  const { columns, rows } = size;
  const view = nodeOf(model, node.name);
  if (view === undefined) return { lines: Array.from({ length: rows }, (): Line => []) };
  const count = Math.max(1, stepsOf(view).length);
  const parts = nodeParts(size, count, node.pane);
  const at = node.step ?? view.step ?? stepsOf(view).at(-1)?.id;
  const bottom = bottomOf(ui, model, size, parts, [], {
    target: targetOf(ui, model),
    looks: [
      { key: 'esc', label: 'fleet' },
      { key: 'tab', label: node.pane === 'steps' ? 'output' : 'steps' },
      ...(node.pane === 'output' ? [{ key: 'f', label: 'follow' }] : []),
      { key: '/', label: 'search' },
      { key: '[ ]', label: 'other nodes' },
    ],
  });
  const room = rows - parts.header - bottom.lines.length;
  const empty: Line = [span(view.run.preflight === undefined ? '    nothing is known of it yet' : '    has not begun', 'dim')];
  const steps =
    stepsOf(view).length === 0 && parts.steps > 0 ? [empty] : stepLines(view, model, at, parts.steps, columns, node.pane === 'steps');
  const body = ui.ask?.back
    ? wayBackLines(ui.ask.back, model, columns, room, ui.ask.top)
    : [
        ...steps,
        ...(parts.output === 0 ? Array.from({ length: Math.max(0, parts.steps - steps.length) }, (): Line => []) : []),
        ...stepDetail(view, model, at, parts.detail, columns, look),
        ...outputLines(node, model, parts.output, columns, look),
      ].slice(0, room);
  const blank = Array.from({ length: Math.max(0, room - body.length) }, (): Line => []);
  const lines = [...header(view, model, size, parts.header), ...body, ...blank, ...bottom.lines].slice(0, rows);
  const cursor = bottom.cursor && { row: lines.length - bottom.lines.length + bottom.cursor.line, column: bottom.cursor.column };
  return { lines, ...(cursor && { cursor }) };
};
