import { describe, expect, it } from 'vitest';
import { laterId, pendingControl } from '../../src/core/controls.ts';
import type { Control, NewControl } from '../../src/core/event.ts';
import { type NodeRun, emptyRun } from '../../src/core/reduce.ts';

const records = (...said: readonly NewControl[]): Control[] =>
  said.map((record, index) => ({ ...record, id: `${1000 + index}-0`, at: 1000 + index }));
const by = 'anna';
const running: NodeRun = { ...emptyRun, plan: 'forward' };
const failed: NodeRun = { ...running, outcome: 'failed', endedAt: 1001 };

describe('what people say', () => {
  it('is acted on once, in order', () => {
    const said = records({ type: 'pause', by }, { type: 'resume', by });
    expect(pendingControl(said, 'n1', running)?.type).toBe('pause');
    expect(pendingControl(said, 'n1', { ...running, control: '1000-0', paused: true, parked: 'paused' })?.type).toBe('resume');
    expect(pendingControl(said, 'n1', { ...running, control: '1001-0' })).toBeUndefined();
  });

  it('is heard by the nodes it names, or by all', () => {
    expect(pendingControl(records({ type: 'cancel', by, nodes: ['n2'] }), 'n1', running)).toBeUndefined();
    expect(pendingControl(records({ type: 'cancel', by }), 'n1', running)?.type).toBe('cancel');
  });

  it('does not replay what had not ended when it was said', () => {
    const said = records({ type: 'replay', by }, { type: 'answer', by, step: 'a', answer: 1 }, { type: 'replay', by });
    expect(pendingControl(said.slice(0, 1), 'n1', failed)).toBeUndefined();
    expect(pendingControl(said, 'n1', failed)?.id).toBe('1002-0');
  });

  it('is void for what has not begun, once it was taken back', () => {
    const said = records({ type: 'cancel', by, nodes: ['n1', '@run'] }, { type: 'replay', by, nodes: ['n1'] });
    expect(pendingControl(said, '@run', emptyRun)).toBeUndefined();
    expect(pendingControl(said.slice(0, 1), '@run', emptyRun)?.type).toBe('cancel');
  });

  it('is void for what waits to begin once more, once it was cancelled', () => {
    const said = records({ type: 'pause', by }, { type: 'replay', by }, { type: 'rollback', by }, { type: 'cancel', by });
    expect(pendingControl(said.slice(0, 3), 'n1', failed)?.type).toBe('replay');
    expect(pendingControl(said, 'n1', failed)).toBeUndefined();
    expect(pendingControl(said, 'n1', running)?.type).toBe('pause');
  });

  it('takes back once more what broke off on its way back, and nothing that is back', () => {
    const said = records({ type: 'rollback', by });
    const back = (outcome: NodeRun['outcome']): NodeRun => ({ ...failed, plan: 'rollback', ...(outcome && { outcome }) });
    const heard = (['failed', 'cancelled', 'rolled-back'] as const).map((outcome) => pendingControl(said, 'n1', back(outcome))?.type);
    expect(heard).toEqual(['rollback', 'rollback', undefined]);
  });

  it('orders ids by time and then by number', () => {
    expect([laterId('5-2', '5-1'), laterId('10-0', '9-9'), laterId('5-1', '5-1')]).toEqual([true, true, false]);
  });
});
