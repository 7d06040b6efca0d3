import { describe, expect, it } from 'vitest';
import { checkSteps } from '../../src/core/check-plan.ts';
import { type Change, type Gate, disruption } from '../../src/core/step.ts';
import { stubChange as changed, stubGate as asked, stubReboot as booted } from './stubs.ts';

const cordon = changed('keep-away', { means: 'cordon' });
const uncordon = changed('let-in', { means: 'uncordon' });
const ready = asked('healthy', { means: 'ready' });
const proven = changed('modules', { takesEffect: 'boot', proof: asked('modules:loaded') });
const rules = (parts: Parameters<typeof checkSteps>[0]): readonly string[] => checkSteps(parts).map(({ rule, step }) => `${rule} ${step}`);

describe('the check of a plan', () => {
  it('finds nothing about a bracket that is proven, seen Ready and closed', () => {
    expect(rules([cordon, disruption({ open: [], inner: [proven, booted()], close: [ready] }), uncordon])).toEqual([]);
    expect(rules([disruption({ open: [cordon], inner: [proven, booted()], close: [changed('kubelet'), ready, uncordon] })])).toEqual([]);
  });

  it('finds what takes effect later and is never proven, wherever the activation is', () => {
    const [boot, reload] = [changed('late', { takesEffect: 'boot' }), changed('late', { takesEffect: 'reload' })];
    expect(rules([boot])).toEqual(['unproven late']);
    expect(checkSteps([boot])[0]?.message).toMatch(/none comes after it: put reboot\(\) behind it/);
    expect(checkSteps([boot, booted()])[0]?.message).toMatch(/nothing shows that it has: give it a proof/);
    expect(checkSteps([boot, booted('up', { boots: false })])[0]?.message).toMatch(/none comes after it/);
    expect(checkSteps([reload, booted('up', { boots: false })])[0]?.message).toMatch(/give it a proof/);
    expect(rules([booted(), proven])).toEqual(['unproven modules']);
  });

  it('finds a cordon that nothing behind it takes away', () => {
    expect(rules([disruption({ open: [cordon], inner: [changed('a')], close: [] })])).toEqual(['cordoned keep-away']);
    expect(rules([uncordon, disruption({ open: [cordon], inner: [changed('a')], close: [] })])).toEqual(['cordoned keep-away']);
    expect(rules([disruption({ open: [cordon], inner: [changed('a')], close: [] }), uncordon])).toEqual([]);
  });

  it('finds pods let in behind a boot that nobody saw Ready, also when they saw the one before', () => {
    const bracket = (...close: (Change | Gate)[]) => disruption({ open: [cordon], inner: [booted()], close });
    expect(rules([bracket(uncordon)])).toEqual(['not-ready let-in']);
    expect(rules([bracket(uncordon, ready)])).toEqual(['not-ready let-in']);
    expect(rules([booted(), ready, disruption({ open: [cordon], inner: [changed('a')], close: [uncordon] })])).toEqual([]);
    expect(rules([disruption({ open: [cordon], inner: [booted('first'), ready, booted('second')], close: [uncordon] })])).toEqual([
      'not-ready let-in',
    ]);
  });

  it('finds a change of the node behind the last proof, but not where a bracket closes', () => {
    const bracket = disruption({
      open: [cordon],
      inner: [proven, booted(), changed('inner')],
      close: [changed('kubelet'), ready, uncordon],
    });
    expect(rules([bracket, changed('plain')])).toEqual(['after-proof inner', 'after-proof plain']);
    expect(rules([changed('first'), bracket])).toEqual(['after-proof inner']);
    const [later, again] = [changed('later', { takesEffect: 'boot', proof: asked('later:seen') }), booted('again')];
    expect(rules([proven, booted(), changed('between'), later, again])).toEqual([]);
    expect(rules([proven, booted(), ready, uncordon, changed('look', { asks: true, within: '1h' })])).toEqual([]);
  });

  it('finds a person who is asked without a bound', () => {
    expect(rules([changed('ask', { asks: true }), booted('move', { asks: true })])).toEqual(['unbounded ask', 'unbounded move']);
    expect(rules([changed('ask', { asks: true, within: '1h' }), changed('quiet')])).toEqual([]);
  });

  it('finds all that keeps steps from being a plan, and not only the first', () => {
    expect(rules([changed('a'), changed('a'), changed('undo.b'), changed('guard'), booted('c', { deadman: '5m' })])).toEqual([
      'ids a',
      'ids undo.b',
      'ids guard',
      'deadman c',
    ]);
  });
});
