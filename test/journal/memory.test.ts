import { memoryJournal } from '../../src/journal/memory.ts';
import { type Open, journalContract } from './contract.ts';
import { feedContract } from './feed-contract.ts';

const open =
  (now: () => number): Open =>
  async () => ({ journal: memoryJournal(now), [Symbol.asyncDispose]: async () => undefined });

for (const contract of [journalContract, feedContract]) {
  contract(
    'the journal in memory',
    open(() => Date.now()),
  );
  contract(
    'the journal in memory, with a clock that stands',
    open(() => 1000),
  );
}
