import { RUN_STREAM } from '../core/node.ts';
import { say } from '../words/events.ts';
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
