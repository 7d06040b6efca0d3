import { showAction } from '../../src/core/action.ts';
import { foreignGuard } from '../../src/core/foreign-guard.ts';
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { type Move, deadmanTimes, movedBack, parseDeadman } from '../../src/core/deadman.ts';
import { armCommand, guardFor, isConfirmable, reopenedByRevert } from '../../src/core/guarded.ts';
import { invert } from '../../src/core/invert.ts';
import { next } from '../../src/core/next.ts';
import { layOut } from '../../src/core/plan.ts';
import { fold } from '../../src/core/reduce.ts';
import { disruption } from '../../src/core/step.ts';
import { stubChange, stubGate, stubReboot } from './stubs.ts';

const move: Move = {
  connection: 'uuid-1',
  device: null,
  file: '/etc/NetworkManager/system-connections/ens192.nmconnection',
  old: { address: '10.77.0.11/24', gateway: '10.77.0.1' },
  new: { address: '10.77.1.11/24', gateway: '10.77.1.1' },
};
const plan = layOut([
  disruption({
    open: [stubChange('cordon')],
    inner: [
      stubChange('package'),
      stubChange('modules', { takesEffect: 'boot', files: ['/etc/modules-load.d/x.conf'], proof: stubGate('modules:loaded') }),
      stubChange('address', { takesEffect: 'boot', moves: { to: '10.77.1.11', guarded: () => move }, proof: stubGate('address:live') }),
      stubReboot('reboot', { deadman: '15m' }),
    ],
    close: [stubChange('uncordon')],
  }),
]);
const item = (id: string) => plan.items.find(({ step }) => step.id === id) ?? { step: stubChange('none'), role: 'plain' as const };
const run = (...events: readonly NewEvent[]) => fold(events.map((event, index) => ({ ...event, seq: index + 1, at: 1000 + index })));
const started = (step: string): NewEvent => ({ type: 'step.started', step, attempt: 1, before: 'was', bootId: 'b1' });
const verified = (step: string): NewEvent => ({ type: 'step.verified', step, after: 'is', bootId: 'b2' });
const begun: readonly NewEvent[] = [
  { type: 'plan.started', plan: 'forward', fingerprint: '', outline: [], reset: [], by: 'w' },
  { type: 'step.skipped', step: 'guard', state: null },
  { type: 'bracket.opened', bracket: 'disruption:cordon', before: {} },
  ...['cordon', 'package', 'modules', 'address', 'reboot'].flatMap((id) => [started(id), verified(id)]),
];
const armed: NewEvent = { type: 'guard.armed', step: 'reboot', bootId: 'b1', deadlineMs: 900_000, reverts: 0 };
const reverted: NewEvent = {
  type: 'guard.reverted',
  step: 'reboot',
  why: 'no gateway answers',
  reverts: 1,
  reopens: reopenedByRevert(plan, 'reboot'),
  waitsFor: 'say drover resume',
};

describe('what is guarded', () => {
  it('is what moves the node and the files that go along, up to the activation; nothing before, behind or beside', () => {
    const guards = plan.items.filter((one) => guardFor(plan, one)).map(({ step }) => step.id);
    expect(guards).toEqual(['modules', 'address', 'reboot']);
    const other = layOut([stubChange('address', { moves: { to: '10.77.1.11' } })]);
    expect(other.items.filter((one) => guardFor(other, one))).toEqual([]);
  });

  it('is armed with both places, times that follow from the deadline, and copies from before the run', () => {
    const group = guardFor(plan, item('modules'));
    expect(group && armCommand(plan, group, null).text).toBe(
      `drover_deadman_arm reboot uuid-1 - 10.77.0.11/24 10.77.0.1 10.77.1.11/24 10.77.1.1 900 90 4500 300 run ${move.file} /etc/modules-load.d/x.conf`,
    );
    expect(deadmanTimes(20_000)).toEqual({ wait: 20, moved: 5, stay: 100, turn: 30 });
  });

  it('goes the other way on the way back, from what is there then', () => {
    const node = { name: 'n1', addresses: [], labels: {}, vars: {} };
    const undoing = stubChange('none', { rollback: () => [{ via: 'person', instructions: 'x' }] });
    const forward = {
      ...plan,
      items: plan.items.map((one) => (one.step.kind === 'change' ? { ...one, step: { ...one.step, rollback: undoing.rollback } } : one)),
    };
    const back = invert(forward, run(...begun), { runId: 'r1', node });
    const group = back.items.map((one) => guardFor(back, one)).find((one) => one !== undefined);
    expect(group?.changes.map(({ step }) => step.id)).toEqual(['undo.address', 'undo.modules']);
    expect(group && armCommand(back, group, null).text).toContain(
      'arm undo_reboot uuid-1 - 10.77.1.11/24 10.77.1.1 10.77.0.11/24 10.77.0.1 ',
    );
    expect(group && armCommand(back, group, null).text).toContain(' now /etc/');
    expect(movedBack(movedBack(move))).toEqual(move);
  });
});

describe("another run's guard", () => {
  const of = (run: string | null, adopted?: true) => {
    const ctx = { runId: 'r1', node: { name: 'n1', addresses: [], labels: {}, vars: {} }, answers: {}, awaiting: [] };
    const now = { run, place: 'new' };
    const told = { ...ctx, direction: 'forward' as const, ...(adopted && { adopted }) };
    const actions = foreignGuard.apply(now, told);
    return [foreignGuard.unmet(now, now, told), actions.map(showAction)];
  };
  it('refuses a run, which can do nothing about it, and is ended by one that takes the node over', () => {
    expect(of(null)).toEqual([[], []]);
    expect(of('r1')).toEqual([[], []]);
    expect(of('r0')).toEqual([[expect.stringMatching(/guard of run r0 .*drover replay r0 n1.*drover adopt$/)], []]);
    expect(of('r0', true)).toEqual([[expect.stringContaining('it ends')], ['drover_deadman_disarm r0']]);
  });
  it('is looked at before anything acts, where a plan guards a move, under an id that no step may have', () => {
    expect(plan.items.map(({ step }) => step.id).slice(0, 2)).toEqual(['guard', 'cordon']);
    expect(layOut([stubChange('a')]).items.map(({ step }) => step.id)).toEqual(['a']);
    expect(() => layOut([stubChange('guard')])).toThrow(/kept for the guard/);
  });
});

describe('the armed guard', () => {
  it('is confirmed when the activation and all its proofs hold, before anything behind them', () => {
    const half = run(...begun, armed, verified('modules:loaded'));
    expect(isConfirmable(plan, half)).toBe(false);
    expect(next(plan, 'pause', half)).toMatchObject({ do: 'check', item: { step: { id: 'address:live' } } });
    const whole = run(...begun, armed, verified('modules:loaded'), verified('address:live'));
    expect(next(plan, 'pause', whole)).toEqual({ do: 'confirm', step: 'reboot' });
    const gone = run(...begun, armed, verified('modules:loaded'), verified('address:live'), {
      type: 'guard.confirmed',
      step: 'reboot',
      bootId: 'b2',
      address: '10.77.1.11',
    });
    expect(next(plan, 'pause', gone)).toMatchObject({ do: 'check', item: { step: { id: 'uncordon' } } });
  });

  it('opens the changes, the activation, all behind it and what its bracket had opened when it has gone back, keeps what was there before, and waits for a word', () => {
    const back = run(...begun, armed, verified('modules:loaded'), reverted);
    expect(back.steps['address']).toEqual({ phase: 'pending', attempt: 1, appliedInThisPlan: false, before: 'was', appliedOn: 'b1' });
    expect([back.steps['reboot']?.phase, back.steps['modules:loaded']?.phase, back.steps['package']?.phase]).toEqual([
      'pending',
      'pending',
      'verified',
    ]);
    expect(back).toMatchObject({ parked: 'say drover resume', stuck: true, guard: { reverted: true, reverts: 1 } });
    expect(next(plan, 'pause', back)).toMatchObject({ do: 'check', item: { step: { id: 'cordon' } } });
    const resumed = run(
      ...begun,
      armed,
      reverted,
      { type: 'node.resumed', by: 'p', control: '1-1' },
      { ...armed, bootId: 'b2', reverts: 1 },
    );
    expect([resumed.parked, resumed.stuck, resumed.guard]).toEqual([
      undefined,
      false,
      { step: 'reboot', bootId: 'b2', deadlineMs: 900_000, reverts: 1, reverted: false },
    ]);
  });

  it('is taken away before a plan ends that has no move left to confirm', () => {
    const all = run(...begun, armed, reverted, ...plan.items.map(({ step }) => verified(step.id)));
    expect(next(plan, 'pause', all)).toEqual({ do: 'disarm', step: 'reboot' });
  });
});

describe('what the guard tells', () => {
  const read = (stdout: string): unknown => parseDeadman({ exitCode: 0, stdout, stderr: '', durationMs: 0 });

  it('is absent, or where it stands and why', () => {
    expect(read('absent\n')).toEqual({ guard: 'absent' });
    expect(read('armed r1 reboot off b1 no 1 confirmed\n')).toEqual({ guard: 'absent' });
    expect(read('armed r1 reboot old b1 yes 2 no gateway answers\n')).toEqual({
      guard: 'armed',
      run: 'r1',
      move: 'reboot',
      place: 'old',
      armedOn: 'b1',
      restarted: true,
      reverts: 2,
      why: 'no gateway answers',
    });
    expect(() => read('sh: drover_deadman_status: not found\n')).toThrow(/makes sense/);
  });
});
