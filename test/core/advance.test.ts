import { describe, expect, it } from 'vitest';
import { advance } from '../../src/core/advance.ts';
import { type NodeRun, emptyRun } from '../../src/core/reduce.ts';
import { ended, going, specOf, stateOf, waiting, word } from './run-state.ts';

const two = specOf(2);
const touched = { a: { phase: 'verified', attempt: 1, appliedInThisPlan: true, before: 1, appliedOn: 'b1' } } as const;
const admit = (wave: string, ...names: string[]) => ({ do: 'admit', wave, nodes: Object.fromEntries(names.map((name) => [name, 0])) });

describe('the beginning of a run', () => {
  it('asks the gates of all nodes before anything begins anywhere', () => {
    expect(advance(stateOf(two, { n1: emptyRun, n2: emptyRun }))).toEqual({ do: 'work', nodes: ['n1', 'n2'] });
    expect(advance(stateOf(two, { n2: emptyRun }))).toEqual({ do: 'work', nodes: ['n2'] });
    expect(advance(stateOf(two))).toEqual(admit('rollout', 'n1'));
  });

  it('is refused for all when the gates of one do not hold, with all that do not and how to leave them out', () => {
    const bad = { n1: { ...waiting, preflight: ['n1: disk full'] }, n2: { ...waiting, preflight: ['n2: no such module'] } };
    expect(advance(stateOf(specOf(3), { n1: bad.n1, n2: emptyRun }))).toEqual({ do: 'work', nodes: ['n2'] });
    const why = 'n1: disk full; n2: no such module; nothing was touched: mend it, or begin without: --exclude n1 --exclude n2';
    expect(advance(stateOf(specOf(3), bad))).toEqual({ do: 'finish', outcome: 'refused', why });
  });

  it('does not ask again once a node was let in', () => {
    const run = { ...emptyRun, admitted: { n1: 0 } };
    expect(advance(stateOf(two, { n2: emptyRun }, { run }))).toEqual({ do: 'work', nodes: ['n1'] });
  });

  it('says when nobody has told yet which nodes are Ready', () => {
    const { health: _health, ...unasked } = stateOf(two);
    expect(advance(unasked)).toEqual({ do: 'ask-health' });
  });
});

describe('a run', () => {
  it('does not begin the next node before the last has ended as wished', () => {
    expect(advance(stateOf(two, { n1: going() }))).toEqual({ do: 'work', nodes: ['n1'] });
    expect(advance(stateOf(two, { n1: ended('succeeded') }))).toEqual(admit('rollout', 'n2'));
    expect(advance(stateOf(two, { n1: ended('succeeded'), n2: ended('succeeded') }))).toEqual({ do: 'finish', outcome: 'succeeded' });
  });

  it('counts a node as at work from when it was let in, even before it has written anything', () => {
    expect(advance(stateOf(two, {}, { run: { ...emptyRun, admitted: { n1: 0 } } }))).toEqual({ do: 'work', nodes: ['n1'] });
  });

  it.each(['failed', 'rolled-back', 'cancelled'] as const)('halts, and begins no other node, after one that %s', (outcome) => {
    const why = `max-failures 0 is passed, nothing new begins: n1 (${outcome})`;
    expect(advance(stateOf(two, { n1: ended(outcome) }))).toEqual({ do: 'halt', why, nodes: [] });
  });

  it.each(['failed', 'rolled-back', 'cancelled'] as const)('ends as %s when all nodes have ended', (outcome) => {
    expect(advance(stateOf(two, { n1: ended('succeeded'), n2: ended(outcome) }))).toEqual({ do: 'finish', outcome });
  });

  it('halts, and says by whom, when a node only goes on with a word of a person', () => {
    const why = 'blocked by n1: paused by anna';
    expect(advance(stateOf(two, { n1: going({ stuck: true, parked: 'paused by anna' }) }))).toEqual({ do: 'halt', why, nodes: [] });
  });

  it('does not halt for a node that goes on when the world shows it', () => {
    expect(advance(stateOf(two, { n1: going({ parked: 'move the VM' }) }))).toEqual({ do: 'work', nodes: ['n1'] });
  });

  it('does what comes once only when all nodes are as wished and one was changed', () => {
    const done = ended('succeeded');
    const after = { hasAfter: true };
    expect(advance(stateOf(two, { n1: done, n2: done }, after))).toEqual({ do: 'finish', outcome: 'succeeded' });
    expect(advance(stateOf(two, { n1: done, n2: { ...done, steps: touched } }, after))).toEqual({ do: 'after' });
    const one = { n1: { ...done, steps: touched }, n2: ended('failed') };
    expect(advance(stateOf(two, one, after))).toEqual({ do: 'finish', outcome: 'failed' });
  });

  it('lets a failed step behind the nodes fail the run, and rolls no node back for it', () => {
    const done = ended('succeeded', { steps: touched });
    const run: NodeRun = { ...emptyRun, plan: 'forward', outcome: 'failed' };
    expect(advance(stateOf(two, { n1: done, n2: done }, { hasAfter: true, run }))).toEqual({ do: 'finish', outcome: 'failed' });
  });
});

describe('what people say to a run', () => {
  it('is heard at once by every node that has not ended', () => {
    const said = { n1: word('pause'), n2: word('cancel') };
    expect(advance(stateOf(specOf(3), { n1: going() }, { said }))).toEqual({ do: 'work', nodes: ['n1', 'n2'] });
  });

  it('keeps a node that was paused before its turn from beginning, and lets the others pass', () => {
    expect(advance(stateOf(two, {}, { said: { n1: word('pause') } }))).toEqual(admit('rollout', 'n2'));
    const why = 'paused by anna before n1, n2';
    expect(advance(stateOf(two, {}, { said: { n1: word('pause'), n2: word('pause') } }))).toEqual({ do: 'halt', why, nodes: [] });
  });

  it('brings an ended run back to life', () => {
    const run: NodeRun = { ...emptyRun, admitted: { n1: 0 }, runOutcome: 'failed' };
    const nodes = { n1: ended('failed'), n2: ended('succeeded') };
    expect(advance(stateOf(two, nodes, { run }))).toBeUndefined();
    const replayed = advance(stateOf(two, nodes, { run, said: { n1: word('replay') } }));
    expect(replayed).toEqual({ do: 'admit', wave: 'replay', nodes: { n1: 1 } });
  });

  it('takes nodes back in the same windows, the last one first, and what came after them before all', () => {
    const four = specOf(4, { maxUnavailable: 2 });
    const done = ended('succeeded');
    const nodes = { n1: done, n2: done, n3: done, n4: done };
    const said = { n1: word('rollback'), n2: word('rollback'), n3: word('rollback'), n4: word('rollback') };
    const run: NodeRun = { ...emptyRun, plan: 'forward', outcome: 'succeeded', runOutcome: 'succeeded' };
    expect(advance(stateOf(four, nodes, { run, back: true, said: { ...said, '@run': word('rollback') } }))).toEqual({ do: 'after' });
    const goingBack: NodeRun = { ...emptyRun, plan: 'rollback' };
    expect(advance(stateOf(four, nodes, { run: goingBack, back: true, said }))).toEqual({ do: 'after' });
    const first = advance(stateOf(four, nodes, { back: true, said }));
    expect(first).toEqual({ do: 'admit', wave: 'rollback', nodes: { n4: 1, n3: 1 } });
  });

  it('begins nothing new once the whole run is to be taken back', () => {
    expect(advance(stateOf(two, { n1: ended('rolled-back') }, { back: true }))).toEqual({ do: 'finish', outcome: 'rolled-back' });
    expect(advance(stateOf(two, {}, { back: true }))).toEqual({ do: 'finish', outcome: 'cancelled' });
  });

  it('takes a broken node back even where it is the one in the way', () => {
    const broken = ended('failed', { openBrackets: ['disruption:cordon'] });
    const nodes = { n1: ended('succeeded'), n2: broken };
    const said = { n1: word('rollback'), n2: word('rollback') };
    expect(advance(stateOf(two, nodes, { back: true, said }))).toEqual({ do: 'admit', wave: 'rollback', nodes: { n2: 1 } });
    const stuckBack = { n1: ended('succeeded'), n2: ended('failed', { plan: 'rollback', round: 2 }) };
    expect(advance(stateOf(two, stuckBack, { back: true, said: { n1: word('rollback') } }))).toEqual({
      do: 'halt',
      why: 'blocked by n2: failed',
      nodes: [],
    });
  });
});
