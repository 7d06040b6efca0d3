import { RUN_STREAM } from '../core/node.ts';
import { say } from '../words/events.ts';
import { wantsPerson } from './rows.ts';
import type { Model, Told } from './model.ts';
import { nodeOf } from './steps-of.ts';

/**
 * What an event changes as a sentence, for who hears the screen instead of seeing it: no signs, no columns, the node first.
 *
 * @param before the model as it was before the event
 */
export const sentence = (before: Model, { stream, event }: Told): string => {
  const run = stream === RUN_STREAM ? before.run : nodeOf(before, stream)?.run;
  const who = stream === RUN_STREAM ? '' : stream;
  if (run === undefined) return '';
  const { step, words } = say(event, run);
  const about = [who, step ?? ''].filter((part) => part !== '').join(', ');
  return `${about === '' ? 'the run' : about}: ${words}.`;
};

/** What wants a person now, a sentence each, with the key that helps; for who asks again. */
export const waiting = ({ nodes }: Model): readonly string[] =>
  nodes.filter(wantsPerson).map(({ name, standing, step, why }) => {
    const at = step === undefined ? '' : ` at ${step}`;
    switch (standing) {
      case 'failed':
        return `${name} failed${at}: ${why}. r retries, b rolls back.`;
      case 'refused':
        return `${name} was refused: ${why}.`;
      default:
        return `${name} waits for you${at}: ${why}.`;
    }
  });
