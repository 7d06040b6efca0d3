import type { RunSpec } from '../core/event.ts';
import type { PlanShown } from '../tui/plan.ts';
import type { Cli } from './context.ts';
import { lookOf } from './has-screen.ts';
import type { Preflight } from './preflight.ts';

/** Shows on the whole terminal what a run would do, and asks whether it may begin. */
export const agreedOnScreen = async (cli: Cli, found: Preflight, spec: RunSpec): Promise<boolean> => {
  const { terminal } = cli;
  if (terminal === null) throw new TypeError('the plan was to be shown without a terminal');
  const [{ askOnScreen }, { pressPlan, startPlan }, { planFrame }] = await Promise.all([
    import('../tui/app/dialog.ts'),
    import('../tui/plan.ts'),
    import('../tui/view/plan.ts'),
  ]);
  const shown: PlanShown = { ...found, spec };
  const { look, colour } = lookOf(cli);
  const answer = await askOnScreen(
    {
      start: startPlan,
      press: (ui, key, size) => pressPlan(ui, shown, key, size),
      frame: (ui, size) => planFrame(ui, shown, size, look),
    },
    terminal,
    colour,
    cli.interrupted(),
  );
  if (answer === 'begin') return true;
  cli.stderr.write('drover: nothing was touched\n');
  return false;
};
