import { describe, expect, it } from 'vitest';
import { advance } from '../../src/core/advance.ts';
import { emptyRun } from '../../src/core/reduce.ts';
import { type Rollout, checkRollout, windowOf } from '../../src/core/rollout.ts';
import { ended, going, ill, ready, specOf, stateOf, word } from './run-state.ts';

const done = ended('succeeded');
const admitted = (decision: ReturnType<typeof advance>): readonly string[] => (decision?.do === 'admit' ? Object.keys(decision.nodes) : []);

describe('the window', () => {
  it.each([
    [1, 10, 1],
    [3, 10, 3],
    ['25%', 10, 2],
    ['10%', 3, 1],
    ['100%', 7, 7],
  ] as const)('of %s of %i nodes is %i', (maxUnavailable, count, window) => {
    expect(windowOf({ canary: 0, maxFailures: 0, maxUnavailable }, count)).toBe(window);
  });

  it('lets as many begin as it has room for, and the next as soon as one has ended', () => {
    const spec = specOf(5, { maxUnavailable: 2 });
    expect(admitted(advance(stateOf(spec)))).toEqual(['n1', 'n2']);
    expect(advance(stateOf(spec, { n1: going(), n2: going() }))).toEqual({ do: 'work', nodes: ['n1', 'n2'] });
    expect(admitted(advance(stateOf(spec, { n1: going(), n2: done })))).toEqual(['n3']);
  });

  it('counts nodes that are not Ready for other reasons, but lets one of these itself begin', () => {
    const spec = specOf(3, { maxUnavailable: 1 });
    expect(advance(stateOf(spec, {}, { health: { n1: ready, n2: ready, n3: ill }, now: 100_000 }))).toEqual({
      do: 'admit',
      wave: 'rollout',
      nodes: { n3: 0 },
    });
    const nodes = { n1: done, n3: done };
    expect(advance(stateOf(spec, nodes, { health: { n1: ready, n2: ready, n3: ill }, now: 100_000 }))).toEqual({
      do: 'halt',
      why: 'blocked by n3: not Ready in the cluster (Ready is Unknown)',
      nodes: [],
    });
  });

  it('begins nobody while Kubernetes does not tell, and says so when that lasts', () => {
    const unknown = { ready: 'unknown', why: 'the API does not answer' } as const;
    const health = { n1: unknown, n2: unknown };
    expect(advance(stateOf(specOf(2), {}, { health }))).toMatchObject({ do: 'wait' });
    expect(advance(stateOf(specOf(2), {}, { health, now: 100_000 }))).toMatchObject({ do: 'halt' });
  });

  it('halts visibly when parked nodes take all of it', () => {
    const parked = going({ stuck: true, parked: 'approve it' });
    const spec = specOf(4, { maxUnavailable: 2 });
    expect(admitted(advance(stateOf(spec, { n1: parked })))).toEqual(['n2']);
    expect(advance(stateOf(spec, { n1: parked, n2: parked }))).toEqual({ do: 'halt', why: 'blocked by n1: approve it', nodes: [] });
  });

  it('keeps the place of a node that was left in the middle of a disruption', () => {
    const broken = ended('failed', { openBrackets: ['disruption:cordon'] });
    const spec = specOf(4, { maxUnavailable: 2, maxFailures: 4 });
    expect(admitted(advance(stateOf(spec, { n1: broken })))).toEqual(['n2']);
    expect(admitted(advance(stateOf(spec, { n1: ended('failed') })))).toEqual(['n2', 'n3']);
  });

  it('never has two nodes with the same value of the spread label', () => {
    const spec = specOf(6, { maxUnavailable: 3, spread: 'rack' });
    expect(admitted(advance(stateOf(spec)))).toEqual(['n1', 'n3', 'n5']);
    expect(admitted(advance(stateOf(spec, { n1: done, n3: going() })))).toEqual(['n2', 'n5']);
  });
});

describe('failures', () => {
  it('past max-failures let nothing new begin, and those at work go on', () => {
    const spec = specOf(6, { maxUnavailable: 2, maxFailures: 1 });
    expect(admitted(advance(stateOf(spec, { n1: ended('failed'), n2: going() })))).toEqual(['n3']);
    const nodes = { n1: ended('failed'), n2: ended('rolled-back'), n3: going() };
    expect(advance(stateOf(spec, nodes))).toEqual({ do: 'work', nodes: ['n3'] });
    expect(advance(stateOf(spec, { ...nodes, n3: done }))).toEqual({
      do: 'halt',
      why: 'max-failures 1 is passed, nothing new begins: n1 (failed), n2 (rolled-back)',
      nodes: [],
    });
  });

  it('include a node that nothing answers for, as long as it does not', () => {
    const spec = specOf(4, { maxUnavailable: 3 });
    expect(advance(stateOf(spec, { n1: going({ unreachable: true }) }))).toEqual({ do: 'work', nodes: ['n1'] });
    expect(admitted(advance(stateOf(spec, { n1: going() })))).toEqual(['n2', 'n3']);
  });

  it('do not keep a person from replaying them, before all others', () => {
    const spec = specOf(4, { maxUnavailable: 1 });
    const state = stateOf(spec, { n2: ended('failed') }, { said: { n2: word('replay') } });
    expect(advance(state)).toEqual({ do: 'admit', wave: 'replay', nodes: { n2: 1 } });
  });

  it('do not count a node that a person took out before it began', () => {
    const { plan: _plan, ...out } = ended('cancelled');
    expect(admitted(advance(stateOf(specOf(3), { n1: out })))).toEqual(['n2']);
  });
});

describe('canaries', () => {
  const spec = specOf(6, { canary: 2, maxUnavailable: 3, soak: '10s' });

  it('go first and alone', () => {
    expect(advance(stateOf(spec))).toMatchObject({ do: 'admit', wave: 'canary', nodes: { n1: 0, n2: 0 } });
    expect(advance(stateOf(spec, { n1: done, n2: going() }))).toEqual({ do: 'work', nodes: ['n2'] });
  });

  it('stop everything when one does not succeed, whatever max-failures says', () => {
    const lenient = specOf(6, { canary: 2, maxFailures: 5 });
    expect(advance(stateOf(lenient, { n1: done, n2: ended('failed') }))).toEqual({
      do: 'halt',
      why: 'the canary n2 did not succeed: failed',
      nodes: [],
    });
  });

  it('soak before the others begin', () => {
    const nodes = { n1: done, n2: ended('succeeded', { endedAt: 5000 }) };
    expect(advance(stateOf(spec, nodes))).toEqual({ do: 'soak', nodes: ['n1', 'n2'], untilMs: 15_000 });
    const run = { ...emptyRun, admitted: { n1: 0, n2: 0 }, soakUntil: 15_000 };
    expect(advance(stateOf(spec, nodes, { run }))).toEqual({ do: 'wait', why: 'n1, n2 soak' });
    expect(admitted(advance(stateOf(spec, nodes, { run, now: 15_000 })))).toEqual(['n3', 'n4', 'n5']);
  });

  it('count as failed when they turn unhealthy while they soak, until a person says resume', () => {
    const nodes = { n1: done, n2: done };
    const run = { ...emptyRun, admitted: { n1: 0, n2: 0 }, soakUntil: 11_000 };
    const why = 'unhealthy while it soaked: not Ready in the cluster (Ready is Unknown)';
    const health = Object.fromEntries(spec.nodes.map(({ name }) => [name, name === 'n2' ? ill : ready]));
    expect(advance(stateOf(spec, nodes, { run, health }))).toEqual({ do: 'unhealthy', node: 'n2', why });
    const unwell = { ...run, unhealthy: { n2: { why, at: 10_500 } } };
    const halted = { do: 'halt', why: `max-failures 0 is passed, nothing new begins: n2 (${why})`, nodes: [] };
    expect(advance(stateOf(spec, nodes, { run: unwell, now: 20_000 }))).toEqual(halted);
    const pardon = word('resume', '20000-0');
    expect(advance(stateOf(spec, nodes, { run: unwell, now: 20_001, pardon }))).toEqual({ do: 'pardon', said: pardon });
  });
});

describe('a rollout that makes no sense', () => {
  const { nodes } = specOf(3);
  const rollout: Rollout = { canary: 0, maxUnavailable: 1, maxFailures: 0 };
  it.each([
    [{ maxUnavailable: 0 }, 'max-unavailable is 0; it is a number of nodes, at least 1, or a percentage'],
    [{ maxUnavailable: '150%' }, 'max-unavailable is 150%; a percentage is above 0% and at most 100%'],
    [{ maxUnavailable: '0%' }, 'max-unavailable is 0%; a percentage is above 0% and at most 100%'],
    [{ canary: 4 }, 'canary is 4; the run has only 3 nodes; canaries are some of them'],
    [{ canary: -1 }, 'canary is -1; it is a number of nodes, 0 for none'],
    [{ maxFailures: 0.5 }, 'max-failures is 0.5; it is a number of nodes, 0 to stop at the first'],
    [{ spread: 'zone' }, 'spread is zone; n1, n2, n3 have no such label'],
  ] as const)('is refused: %o', (part, message) => {
    expect(() => checkRollout({ ...rollout, ...part }, nodes)).toThrow(message);
  });
});
