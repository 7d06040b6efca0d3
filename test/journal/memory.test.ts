import { memoryJournal } from '../../src/journal/memory.ts';
import { journalContract } from './contract.ts';

journalContract('the journal in memory', async () => ({
  journal: memoryJournal(() => Date.now()),
  [Symbol.asyncDispose]: async () => undefined,
}));
journalContract('the journal in memory, with a clock that stands', async () => ({
  journal: memoryJournal(() => 1000),
  [Symbol.asyncDispose]: async () => undefined,
}));
