import { UsageError } from '../../core/error.ts';
import { RUN_STREAM, runNode } from '../../core/node.ts';
import type { Plan } from '../../core/plan.ts';
import type { NodeRun } from '../../core/reduce.ts';
import { planOfStream } from '../../queue/plans.ts';
import { readRun } from '../../queue/run-state.ts';
import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { copiesGone, restoredFiles } from '../copies-gone.ts';
import { reserveNodes } from '../create-run.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags, YesFlag } from '../flags.ts';
import { tailOf } from '../follow.ts';
import { confirmed, person } from '../person.ts';
import { findRun, nodesOfRun, say } from '../say.ts';
import { backLines, wayBack, wayByHand } from '../way-back.ts';

/** The flags of `drover rollback`. */
export type RollbackFlags = OutputFlags & YesFlag;

const BY_HAND = 'by hand, last change first:';

/** What an adopted node had already: there is no `before` to go back to. */
const kept = (plan: Plan, { steps }: NodeRun): readonly string[] =>
  plan.items
    .filter(({ step, role }) => step.kind === 'change' && (role === 'plain' || role === 'inner') && steps[step.id]?.phase === 'skipped')
    .map(({ step }) => `  = ${step.title}: was so when the node was taken over, so it stays`);

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
  const lines: string[] = [];
  const tooLate: string[] = [];
  for (const name of wanted) {
    const state = states[name];
    const plan = planOfStream(runbook, spec, name);
    const node = name === RUN_STREAM ? runNode : spec.nodes.find((one) => one.name === name);
    if (!state || !plan || !node || state.plan === undefined || (state.plan === 'rollback' && state.outcome !== 'failed')) continue;
    const where = { runId, node };
    try {
      const steps = wayBack(plan, state, where);
      if (steps.length === 0) continue;
      const gone = name === RUN_STREAM ? [] : await copiesGone(drover, { runId, spec, node }, steps, this.interrupted());
      if (gone.length > 0) {
        const byHand = wayByHand(plan, state, where, (action) => restoredFiles(action).some((path) => gone.includes(path)));
        const why = `${name}: what run ${runId} kept of ${gone.join(', ')} was forgotten: it is past the point of no return, so drover rolls nothing back here`;
        tooLate.push([why, BY_HAND, ...backLines(byHand)].join('\n'));
        continue;
      }
      back.push(name);
      lines.push(`${name}: the way back`, ...backLines(steps, 'do     '), ...(spec.adopted === true ? kept(plan, state) : []));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      tooLate.push([error.message, BY_HAND, ...backLines(wayByHand(plan, state, where))].join('\n'));
    }
  }
  if (tooLate.length > 0) {
    const others = back.length === 0 ? '' : `\n${back.join(', ')} can go back without: drover rollback ${runId} ${back.join(' ')}`;
    throw new UsageError(tooLate.join('\n') + others);
  }
  for (const line of lines) out.write(`${line}\n`);
  if (back.length === 0)
    throw new UsageError(
      `nothing of run ${runId} is to be taken back${names.length > 0 ? ` on ${names.join(', ')}` : ''}: nothing was changed, or it was taken back already`,
    );
  if (!(await confirmed(this, `Roll back ${back.join(', ')}?`, flags.yes))) return this.exit(exitCodes.usage);
  const by = person(this);
  await reserveNodes(
    drover,
    runId,
    (names.length > 0 ? back : wanted).filter((name) => name !== RUN_STREAM),
    by,
  );
  const after = await tailOf(station.journal, runId);
  await say(drover, runId, { type: 'rollback', by, ...(names.length > 0 && { nodes: back }) });
  this.exit(await attach(this, drover, runId, spec, flags, after));
}
