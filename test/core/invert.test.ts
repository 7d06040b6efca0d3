import { describe, expect, it } from 'vitest';
import { known } from '../../src/core/fact.ts';
import { backContext, invert } from '../../src/core/invert.ts';
import type { Json } from '../../src/core/json.ts';
import { type PlanItem, layOut } from '../../src/core/plan.ts';
import { type NodeRun, type StepState, emptyRun } from '../../src/core/reduce.ts';
import { type Change, disruption, gate } from '../../src/core/step.ts';
import { stubChange, stubReboot } from './stubs.ts';

const where = { runId: 'r', node: { name: 'n1', addresses: [], labels: {}, vars: {} } };
const step = (id: string, more: Partial<Change> = {}): Change =>
  stubChange(id, { rollback: () => [{ via: 'person', instructions: id }], ...more });
/** Wishes 'new', and on the way back what it saw before. */
const asked = (id: string) =>
  gate<Json>({
    id,
    title: id,
    wish: 'new',
    observe: () => known(null),
    unmet: (now) => (now === 'new' ? [] : [`${id} is ${JSON.stringify(now)}, not new`]),
    restored: (now, before) => (now === before ? [] : [`${id} is ${JSON.stringify(now)}, was ${JSON.stringify(before)}`]),
  });
const plan = layOut([
  disruption({
    open: [step('cordon')],
    inner: [
      step('address', { takesEffect: 'boot', proof: asked('address:live') }),
      step('modules', { takesEffect: 'boot', proof: asked('modules:loaded') }),
      stubReboot(),
    ],
    close: [asked('ready')],
  }),
]);
const state = (more: Partial<StepState>): StepState => ({ phase: 'verified', attempt: 1, appliedInThisPlan: true, ...more });
const runWith = (steps: NodeRun['steps']): NodeRun => ({
  ...emptyRun,
  plan: 'forward',
  steps,
  bracketBefore: { 'address:live': 'old', 'modules:loaded': 'old', ready: 'old' },
});
const restored = state({ before: 'old' });
const unmetOf = (run: NodeRun, id: string, now: Json): readonly string[] | undefined => {
  const found: PlanItem | undefined = invert(plan, run, where).items.find((item) => item.step.id === id);
  return found?.step.unmet(now, null, backContext(run, where));
};

describe('the way back', () => {
  it('repeats a boot outside of brackets as well, behind what it had made effective, and not without that', () => {
    const bare = layOut([step('a'), step('b'), stubReboot('first'), step('c'), stubReboot('second')]);
    const back = (steps: NodeRun['steps']) => invert(bare, runWith(steps), where).items.map(({ step: { id } }) => id);
    const all = { a: restored, b: restored, first: restored, c: restored, second: restored };
    expect(back(all)).toEqual(['undo.c', 'undo.second', 'undo.b', 'undo.a', 'undo.first']);
    const { c: _c, ...rest } = all;
    expect(back(rest)).toEqual(['undo.b', 'undo.a', 'undo.first']);
    expect(back({ second: restored, first: restored })).toEqual([]);
  });

  it('asks its gates for what they saw before the run', () => {
    const run = runWith({ cordon: restored, address: restored, modules: restored, reboot: restored });
    for (const id of ['undo.address:live', 'undo.modules:loaded', 'undo.ready']) {
      expect(unmetOf(run, id, 'old')).toEqual([]);
      expect(unmetOf(run, id, 'new')).toHaveLength(1);
    }
  });

  it('is content with what the run wished where a change stays that was found in place, because a boot has made it effective since', () => {
    const run = runWith({ cordon: restored, address: state({ phase: 'skipped', attempt: 0 }), modules: restored, reboot: restored });
    for (const id of ['undo.address:live', 'undo.ready']) {
      expect(unmetOf(run, id, 'new')).toEqual([]);
      expect(unmetOf(run, id, 'old')).toEqual([]);
      expect(unmetOf(run, id, 'neither')).toHaveLength(1);
    }
    // what was restored has to be as before all the same
    expect(unmetOf(run, 'undo.modules:loaded', 'new')).toHaveLength(1);
  });

  it('ends at a step that cannot be taken back, and says which', () => {
    const gone = layOut([step('a'), step('b', { rollback: () => 'impossible' })]);
    expect(() => invert(gone, runWith({ a: restored, b: restored }), where)).toThrow(/n1: step b .* past the point of no return/);
  });
});
