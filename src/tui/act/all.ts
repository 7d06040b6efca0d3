import { retry, replayFrom } from './again.ts';
import { answer, answerInWords } from './answer.ts';
import { rollBackNodes, rollBackRun } from './back.ts';
import { cancelNodes, cancelRun } from './cancel.ts';
import type { Action } from './offer.ts';
import { pauseNodes, pauseRun } from './pause.ts';

/** What a person can do, those about the node under the cursor first; keys, hints and help all come from here. */
export const actions: readonly Action[] = [
  answer,
  retry,
  replayFrom,
  pauseNodes,
  rollBackNodes,
  cancelNodes,
  answerInWords,
  pauseRun,
  rollBackRun,
  cancelRun,
];
