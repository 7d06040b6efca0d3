import type { Json } from '../core/json.ts';
import { RUN_STREAM } from '../core/node.ts';
import { type Notice, takesAt } from '../core/notice.ts';
import { whom, toType } from './asked.ts';
import { printable } from './text.ts';
import { todoOf } from './todo.ts';

const nameOf = (stream: string): string => (stream === RUN_STREAM ? 'the run' : stream);

/** What is typed about a wait; null where drover goes on by itself when it sees that it is done. */
const commandOf = ({ runId, stream, wait, state, kind }: Notice): string | null => {
  if (kind === 'cleared') return null;
  const node = stream === RUN_STREAM ? '' : ` ${stream}`;
  if (kind === 'expired') return `drover replay ${runId}${node}`;
  switch (wait.of) {
    case 'asked':
      return wait.step === undefined ? null : (toType(runId, stream, wait.step, takesAt(state, wait)) ?? null);
    case 'parked':
      return (
        /drover (?:answer|replay|resume|rollback)\b[^;,(]*/.exec(wait.instructions)?.[0].trim().replace(' RUN ', ` ${runId} `) ??
        `drover resume ${runId}${node}`
      );
    case 'halted':
      return `drover show ${runId}`;
  }
};

const sentenceOf = (notice: Notice, now: number): string => {
  const { kind, wait, stream, state, runId, reminder } = notice;
  const name = nameOf(stream);
  const words = printable(wait.instructions);
  switch (kind) {
    case 'cleared':
      return `${name} no longer waits for ${wait.of === 'asked' ? whom(wait) : 'a person'}: ${words}`;
    case 'expired':
      return `${name}: nothing came of it in time, and ${wait.step ?? 'the step'} has failed: ${words}`;
    case 'halted':
      return `the run is halted: ${words}`;
    case 'asked':
    case 'parked': {
      const todo = todoOf(runId, stream, state, { now, timeZone: 'UTC', named: true }) ?? `${name} waits: ${words}`;
      return reminder === 0 ? todo : `reminder ${reminder}: ${todo}`;
    }
  }
};

/** What is posted of a notice: one shape for all kinds, and a sentence that chat programs show. @param iso writes a time as ISO 8601 */
export const noticeBody = (notice: Notice, now: number, iso: (ms: number) => string): { readonly [key: string]: Json } => {
  const { kind, wait, runId, runbook, stream, reminder, state } = notice;
  const takes = takesAt(state, wait);
  return {
    text: `drover ${runbook}, run ${runId}: ${sentenceOf(notice, now)}`,
    kind,
    of: wait.of,
    run: runId,
    runbook,
    node: stream === RUN_STREAM ? null : stream,
    step: wait.step ?? null,
    instructions: wait.instructions,
    to: wait.to ?? null,
    askedAt: iso(wait.askedAt),
    askedAtMs: wait.askedAt,
    until: wait.untilMs === undefined ? null : iso(wait.untilMs),
    untilMs: wait.untilMs ?? null,
    reminder,
    answers: takes.kind === 'choices' ? takes.choices : null,
    command: commandOf(notice),
  };
};
