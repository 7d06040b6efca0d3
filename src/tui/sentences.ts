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
  if (run === undefined) return '';
  const { step, words } = say(event, run);
  const who = stream === RUN_STREAM ? 'the run' : stream;
  return `${step === null ? who : `${who}, ${step}`}: ${words.replace(/^the run: /, '')}.`;
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
