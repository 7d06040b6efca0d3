import { describe, expect, it } from 'vitest';
import { layOut, outline, outlineDrift } from '../../src/core/plan.ts';
import { type Disruption, type Step, disruption } from '../../src/core/step.ts';
import { stubChange as step, stubGate as proof, stubReboot as boot } from './stubs.ts';

const ids = (parts: readonly (Step | Disruption)[]): string[] => layOut(parts).items.map((item) => item.step.id);

describe('a plan', () => {
  it('puts proofs right behind the boot that comes after their change', () => {
    const parts = [
      disruption({
        open: [step('cordon')],
        inner: [step('a', { proof: proof('a:loaded') }), step('b'), boot(), step('c')],
        close: [step('uncordon')],
      }),
    ];
    expect(ids(parts)).toEqual(['cordon', 'a', 'b', 'reboot', 'a:loaded', 'c', 'uncordon']);
  });

  it('does not load when a proof can never run', () => {
    expect(() => layOut([boot(), step('a', { proof: proof('a:loaded') })])).toThrow(/proof a:loaded of step a can never run/);
  });

  it('does not load with two steps of one id', () => {
    expect(() => layOut([step('a'), disruption({ open: [step('a')], inner: [], close: [] })])).toThrow(/two steps have the id a/);
  });

  it('refuses a deadman that would guard nothing, instead of ignoring it', () => {
    expect(() => layOut([boot('reboot', { deadman: '15m' })])).toThrow(/deadman: 15m.*no change before it moves the node/);
    expect(() => layOut([step('a', { moves: { to: '10.0.0.2' } }), boot('reboot', { deadman: '15m' })])).toThrow(
      /no change before it moves/,
    );
    const moves = { to: '10.0.0.2', guarded: () => undefined };
    expect(() => layOut([boot('first'), step('a', { moves }), boot('reboot', { deadman: '15m' })])).not.toThrow();
    expect(() => layOut([step('a', { moves }), boot('first'), boot('reboot', { deadman: '15m' })])).toThrow(/no change before it moves/);
  });

  it('names what differs when a runbook changed', () => {
    const was = outline(layOut([step('a'), step('b')]));
    expect(outlineDrift(was, outline(layOut([step('a'), step('b')])))).toEqual([]);
    expect(outlineDrift(was, outline(layOut([step('a', { wish: 2 }), step('c')])))).toEqual([
      'step b is gone',
      'step c is new',
      'step a wished "a" and now wishes 2',
    ]);
    expect(outlineDrift(was, outline(layOut([step('b'), step('a')])))).toEqual(['the order was a b and now is b a']);
  });
});
