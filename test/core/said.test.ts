import { describe, expect, it } from 'vitest';
import type { Control, NewControl } from '../../src/core/event.ts';
import { type NodeRun, emptyRun } from '../../src/core/reduce.ts';
import { whatWasSaid } from '../../src/core/said.ts';
import { ended, going, waiting } from './run-state.ts';

const records = (...said: readonly NewControl[]): Control[] =>
  said.map((record, index) => ({ ...record, id: `${2000 + index}-0`, at: 2000 + index }));
const by = 'anna';

describe('what was said to a run', () => {
  it('is the first word that each node has not acted on', () => {
    const { said } = whatWasSaid(emptyRun, { n1: going(), n2: ended('failed') }, records({ type: 'pause', by }, { type: 'replay', by }));
    expect([said['n1']?.type, said['n2']?.type]).toEqual(['pause', 'replay']);
  });

  it('counts only the last word for a node that has not begun', () => {
    const nodes = { n1: waiting };
    expect(whatWasSaid(emptyRun, nodes, records({ type: 'pause', by }, { type: 'resume', by })).said).toEqual({});
    expect(whatWasSaid(emptyRun, nodes, records({ type: 'pause', by }, { type: 'cancel', by })).said['n1']?.type).toBe('cancel');
    const other = records({ type: 'cancel', by }, { type: 'resume', by, nodes: ['n2'] });
    expect(whatWasSaid(emptyRun, nodes, other).said['n1']?.type).toBe('cancel');
  });

  it('reaches the steps behind the nodes only when they have begun', () => {
    const run: NodeRun = { ...emptyRun, plan: 'forward' };
    expect(whatWasSaid(emptyRun, {}, records({ type: 'pause', by })).said).toEqual({});
    expect(whatWasSaid(run, {}, records({ type: 'pause', by })).said['@run']?.type).toBe('pause');
  });

  it('reaches steps behind the nodes that were paused right before they began', () => {
    const run: NodeRun = { ...emptyRun, parked: 'paused by anna', stuck: true, paused: true, control: '2000-0' };
    for (const type of ['resume', 'cancel'] as const)
      expect(whatWasSaid(run, {}, records({ type: 'pause', by }, { type, by })).said['@run']?.type).toBe(type);
  });

  it('takes the whole run back until somebody replays the whole run', () => {
    const back = (...said: readonly NewControl[]): boolean => whatWasSaid(emptyRun, {}, records(...said)).back;
    expect(back({ type: 'rollback', by, nodes: ['n1'] })).toBe(false);
    expect(back({ type: 'rollback', by })).toBe(true);
    expect(back({ type: 'rollback', by }, { type: 'replay', by, nodes: ['n1'] })).toBe(true);
    expect(back({ type: 'rollback', by }, { type: 'replay', by })).toBe(false);
  });

  it('pardons what turned unhealthy before it was said, once', () => {
    const ill = { ...emptyRun, unhealthy: { n1: { why: 'not Ready', at: 2001 } } };
    expect(whatWasSaid(ill, {}, records({ type: 'resume', by })).pardon).toBeUndefined();
    const said = records({ type: 'pause', by }, { type: 'resume', by });
    expect(whatWasSaid(ill, {}, said).pardon?.id).toBe('2001-0');
    expect(whatWasSaid({ ...ill, control: '2001-0' }, {}, said).pardon).toBeUndefined();
  });
});
