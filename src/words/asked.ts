import { type Asked, type Takes, takesOf } from '../core/asked.ts';
import { showMs } from '../core/duration.ts';
import { RUN_STREAM } from '../core/node.ts';
import { type NodeRun, isSettled } from '../core/reduce.ts';
import { withinMs } from '../core/step.ts';
import { printable } from './text.ts';

/** What time it is for who reads: epoch ms, and the IANA name of their time zone, where it is not the machine's own. */
export type Reading = {
  readonly now: number;
  readonly timeZone?: string;
  /** The time zone is told along with a time. */
  readonly named?: true;
};

const MOMENT_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/** Whom a step asks. */
export const whom = ({ to }: Pick<Asked, 'to'>): string => (to === undefined ? 'a person' : printable(to));

/** The time of day of a bound, `04:10`; with the day where it is not near: `Sun 22 Nov, 04:10`. */
export const boundAt = (at: number, { now, timeZone, named }: Reading): string => {
  const zone = timeZone !== undefined && { timeZone };
  const shown = named === true && { timeZoneName: 'short' as const };
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone, ...shown }).format(at);
  if (Math.abs(at - now) < DAY_MS / 2) return time;
  const parts = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...zone }).format(at);
  return `${parts.replace(',', '')}, ${time}`;
};

const isDone = (run: NodeRun, step: string): boolean => isSettled(run.steps[step]);

/** How the node would be left if it stopped here. */
const leftAs = (run: NodeRun): string => {
  const there = isDone(run, 'cordon') && !isDone(run, 'uncordon');
  const back = run.plan === 'rollback' && (there || isDone(run, 'undo.reopen.cordon'));
  if (run.plan === 'rollback' ? back && !isDone(run, 'undo.cordon') : there) return ', cordoned';
  return run.openBrackets.length > 0 ? ', out of service' : '';
};

/** What happens when nothing comes of what was asked: `the step fails and the node stays as it is, cordoned`. */
export const thenWords = (stream: string, run: NodeRun, { otherwise }: Pick<Asked, 'otherwise'>): string => {
  if (stream === RUN_STREAM) return 'the step fails, and the run with it';
  if (otherwise === 'goes-back') return 'the step fails and the node is rolled back';
  return `the ${run.plan === 'rollback' ? 'rollback' : 'step'} fails and the node stays as it is${leftAs(run)}`;
};

/** Until when it may take and what happens then; undefined for a record of an older version, which does not tell. */
export const untilWords = (stream: string, run: NodeRun, asked: Asked, reading: Reading): string | undefined => {
  const { untilMs, byDefault } = asked;
  if (untilMs === undefined) return undefined;
  const ownBound = byDefault === true ? ` (the runbook sets no bound, so it has ${roughly(withinMs({ kind: 'change' }, true))})` : '';
  return `at ${boundAt(untilMs, reading)} ${thenWords(stream, run, asked)}${ownBound}`;
};

/** `12m ago`; empty for what has just happened. */
export const agoWords = (at: number, { now }: Reading): string => (now - at < MOMENT_MS ? '' : `${roughly(now - at)} ago`);

const roughly = (ms: number): string => showMs(Math.floor(ms / MOMENT_MS) * MOMENT_MS).replace(/(?<=[mh])00[sm]$/, '');

/** When it was asked, and how often people were reminded: `asked 12m ago, reminded 2×, last 5m ago`. Empty when there is nothing to tell. */
export const askedWords = ({ told }: Pick<NodeRun, 'told'>, asked: Pick<Asked, 'at'>, reading: Reading): string => {
  const ago = agoWords(asked.at, reading);
  const own = told?.wait.askedAt === asked.at ? told : undefined;
  const last = own === undefined ? '' : agoWords(own.at, reading);
  const reminded = own === undefined || own.reminded === 0 ? '' : `reminded ${own.reminded}×${last === '' ? '' : `, last ${last}`}`;
  const failed = own?.why === undefined ? '' : `the webhook could not tell anybody: ${printable(own.why)}`;
  return [ago === '' ? '' : `asked ${ago}`, reminded, failed].filter((part) => part !== '').join(', ');
};

/** What to type to answer; undefined where drover looks for itself. */
export const toType = (runId: string, stream: string, step: string, takes: Takes): string | undefined => {
  switch (takes.kind) {
    case 'choices':
      if (takes.choices.includes('yes')) return `drover approve ${runId} ${step}${stream === RUN_STREAM ? '' : ` ${stream}`}`;
      return `drover answer ${runId} ${stream} ${step} ${takes.choices.map((one) => (/\s/.test(one) ? `'${one}'` : one)).join('|')}`;
    case 'words':
      return `drover answer ${runId} ${stream} ${step} "…"`;
    case 'none':
      return undefined;
  }
};

/** What a step asks, of whom, and how it is answered, as half a sentence behind the name of the node. */
export const waitsWords = (runId: string, stream: string, step: string, asked: Asked): string => {
  const takes = takesOf(step, asked);
  const words = printable(asked.instructions);
  const type = toType(runId, stream, step, takes);
  switch (takes.kind) {
    case 'choices':
      if (takes.choices.includes('yes'))
        return `waits for ${asked.to === undefined ? 'your yes' : `a yes of ${whom(asked)}`}: ${words}; ${type}`;
      return `waits for an answer of ${whom(asked)}: ${words}; ${type}`;
    case 'words':
      return `waits for an answer of ${whom(asked)}: ${words}; ${type}`;
    case 'none':
      return `waits for ${whom(asked)}: ${words}; drover goes on when it sees it`;
  }
};
