import { UsageError } from '../../core/error.ts';
import { RUN_STREAM, runNode } from '../../core/node.ts';
import type { NodeRun } from '../../core/reduce.ts';
import { planOfStream } from '../../queue/plans.ts';
import { readRun } from '../../queue/run-state.ts';
import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { reserveNodes } from '../create-run.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags, YesFlag } from '../flags.ts';
import { tails } from '../follow.ts';
import { confirmed, person } from '../person.ts';
import { findRun, nodesOfRun, say } from '../say.ts';
import { wayBack } from '../way-back.ts';

/** The flags of `drover rollback`. */
export type RollbackFlags = OutputFlags & YesFlag;

/** Takes a run, or nodes of it, back; shows the way first. */
export async function rollback(this: Cli, flags: RollbackFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'rollback');
  const { station } = drover;
  const { runId, spec } = await findRun(drover, word);
  const { run, nodes } = await readRun(station.journal, runId, spec);
  const states: Readonly<Record<string, NodeRun>> = { ...nodes, [RUN_STREAM]: run };
  const wanted = nodesOfRun(runId, spec, names).nodes ?? [RUN_STREAM, ...spec.nodes.map(({ name }) => name).toReversed()];
  const runbook = await station.runbook(spec.runbook);
  const out = flags.json === true ? this.stderr : this.stdout;
  const back: string[] = [];
  for (const name of wanted) {
    const state = states[name];
    const plan = planOfStream(runbook, spec, name);
    const node = name === RUN_STREAM ? runNode : spec.nodes.find((one) => one.name === name);
    if (!state || !plan || !node || state.plan === undefined || (state.plan === 'rollback' && state.outcome !== 'failed')) continue;
    const steps = wayBack(plan, state, { runId, node });
    if (steps.length === 0) continue;
    back.push(name);
    out.write(`${name}: the way back\n`);
    for (const { title, actions } of steps) {
      out.write(`  - ${title}\n`);
      for (const action of actions) out.write(`      do     ${action}\n`);
    }
  }
  if (back.length === 0)
    throw new UsageError(
      `nothing of run ${runId} is to be taken back${names.length > 0 ? ` on ${names.join(', ')}` : ''}: nothing was changed, or it was taken back already`,
    );
  if (!(await confirmed(this, `Roll back ${back.join(', ')}?`, flags.yes))) return this.exit(exitCodes.usage);
  await reserveNodes(
    drover,
    runId,
    back.filter((name) => name !== RUN_STREAM),
    person(this),
  );
  const after = await tails(station.journal, runId, spec);
  await say(drover, runId, { type: 'rollback', by: person(this), nodes: back });
  this.exit(await attach(this, drover, runId, spec, flags, after));
}
