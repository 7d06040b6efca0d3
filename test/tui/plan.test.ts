import { describe, expect, test } from 'vitest';
import { type PlanShown, type PlanUi, pressPlan, startPlan } from '../../src/tui/plan.ts';
import { planFrame } from '../../src/tui/view/plan.ts';
import { plan, textOf } from './story.ts';

const size = { columns: 100, rows: 30 };
const after = (keys: string, shown: PlanShown = plan): ReturnType<typeof pressPlan> =>
  keys
    .split(' ')
    .filter((key) => key !== '')
    .reduce<ReturnType<typeof pressPlan>>((so, name) => pressPlan(so.state, shown, { name }, size), { state: startPlan });
const seen = (ui: PlanUi, shown: PlanShown = plan): string => textOf(planFrame(ui, shown, size, {}));
const refused: PlanShown = { ...plan, refusals: ['runner-04: the disk is full'] };

describe('the plan on the screen', () => {
  test('begins at y and at nothing else', () => {
    expect(after('y').answer).toBe('begin');
    for (const key of ['enter', 'space', 'Y', 'b', 'z', 'j']) expect(after(key).answer).toBeUndefined();
    for (const key of ['n', 'q', 'escape', 'ctrl+c']) expect(after(key).answer).toBe('leave');
  });

  test('does not begin what is refused, and says so', () => {
    const { answer, state } = after('y', refused);
    expect(answer).toBeUndefined();
    expect(seen(state, refused)).toContain('it is refused, so it cannot begin');
    expect(seen(startPlan, refused)).toContain('× runner-04: the disk is full');
    expect(seen(startPlan, refused)).not.toMatch(/^y begin/m);
  });

  test('shows each step: met, or why, the exact actions and what takes them back', () => {
    const all = Array.from({ length: 5 }, (_, page) => seen(after('ctrl+f '.repeat(page)).state)).join('\n');
    expect(all).toContain('■ the disk has room  [preflight:disk-space]: met');
    expect(all).toMatch(/because kubelet is active \(running\)\n +do +systemctl stop kubelet\n +undo +systemctl start kubelet/);
    expect(all).toContain('? as on the new boot'.slice(0, 1));
    expect(all).toContain('on the new boot');
  });

  test('says where the point of no return is', () => {
    const [first] = plan.nodes;
    if (!first) throw new Error('there is no plan');
    const steps = first.steps.map((step) =>
      step.id === 'reboot' && step.forecast.kind === 'acts'
        ? { ...step, forecast: { ...step.forecast, rollback: 'impossible' as const } }
        : step,
    );
    const shown = { ...plan, nodes: [{ ...first, steps }] };
    expect(seen(startPlan, shown)).toContain('no way back after reboot');
    const pages = Array.from({ length: 4 }, (_, page) => seen(after('ctrl+f '.repeat(page), shown).state, shown)).join('\n');
    expect(pages).toContain('impossible: the point of no return');
  });

  test('folds and unfolds one node, or all, and keeps the cursor on it', () => {
    const folded = after('enter').state;
    expect(seen(folded)).not.toContain('preflight:disk-space');
    expect(seen(folded)).toMatch(/› runner-01/);
    expect(seen(after('enter j enter').state)).toMatch(/› runner-02[^\n]*\n +■ the disk has room/);
    expect(seen(after('enter j j z').state)).toMatch(/› runner-03[^\n]*\n +■ the disk has room/);
    expect(after('z z').state.open).toEqual([]);
    expect(after('w').state.notice).toContain('w is no key here');
  });

  test('never cuts an action: what is too long goes on in the next line', () => {
    const narrow = { columns: 44, rows: 60 };
    const text = textOf(planFrame(startPlan, plan, narrow, {})).replaceAll(/\s/g, '');
    const action = 'dnf -q -y --setopt=clean_requirements_on_remove=False remove open-vm-tools';
    expect(text).toContain(action.replaceAll(' ', ''));
  });
});
