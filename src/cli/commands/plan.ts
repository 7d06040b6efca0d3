import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../core/error.ts';
import { RUN_STREAM } from '../../core/node.ts';
import { outline } from '../../core/plan.ts';
import type { NodePreview } from '../../engine/preview.ts';
import { planOfStream } from '../../queue/plans.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags } from '../flags.ts';
import { person } from '../person.ts';
import { type FrozenNode, planText } from '../plan-file.ts';
import { type Preflight, preflight, withFindings } from '../preflight.ts';
import { type Prepared, type PrepareFlags, prepare } from '../prepare.ts';
import { showPlan } from '../show-plan.ts';

/** The flags of `drover plan`. */
export type PlanFlags = PrepareFlags & OutputFlags & { readonly out?: string };

/** The plan as it can be approved. @throws UsageError when something speaks against it, or could not be looked at */
const freeze = ({ runbook, spec }: Prepared, found: Preflight, by: string, at: number): ReturnType<typeof planText> => {
  if (found.refusals.length > 0) throw new UsageError('no plan was written: what is refused cannot be approved');
  const all = [...found.nodes, ...(found.after ? [found.after] : [])];
  const unseen = all.flatMap(({ node, steps }) =>
    steps.flatMap((one) => (one.unseen === undefined ? [] : [`${node}: ${one.id}: ${one.unseen}`])),
  );
  if (unseen.length > 0) throw new UsageError(`no plan was written: not everything could be looked at: ${unseen.join('; ')}`);
  const frozen = ({ node, hello, steps }: NodePreview): FrozenNode => {
    const plan = planOfStream(runbook, spec, node);
    return { node, hello, outline: plan ? outline(plan) : [], steps };
  };
  return planText({ at, by, spec, nodes: found.nodes.map(frozen), after: found.after && frozen({ ...found.after, node: RUN_STREAM }) });
};

/** Writes the file whole or not at all, for nobody else to read: a plan tells a fleet's addresses. */
const write = (path: string, file: string, text: string): void => {
  const part = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    writeFileSync(part, text, { mode: 0o600, flag: 'wx' });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`the plan cannot be written to ${file}: ${why}`, { cause: error });
  }
};

/** Prints what a run would do, and freezes it in a file when asked; changes nothing on any node. */
export async function plan(this: Cli, flags: PlanFlags, name: string, ...names: string[]): Promise<void> {
  const prepared = await prepare(this, flags, name, names);
  const { runbook, spec, others } = prepared;
  await using drover = await openDrover(this, 'plan');
  const found = await preflight(drover, runbook, spec, this.interrupted(), others);
  if (flags.json === true) {
    const { runbook: which, version, params, rollout } = spec;
    this.stdout.write(`${JSON.stringify({ runbook: which, version, params, rollout, ...found })}\n`);
  } else for (const line of showPlan(withFindings(found), spec)) this.stdout.write(`${line}\n`);
  if (flags.out !== undefined) {
    const { text, sha256 } = freeze(prepared, found, person(this), drover.station.clock.now());
    write(resolve(this.cwd, flags.out), flags.out, text);
    const out = flags.json === true ? this.stderr : this.stdout;
    out.write(
      `plan ${sha256.slice(0, 8)} was written to ${flags.out}; drover run --plan ${flags.out} runs it, if nothing has changed by then\n`,
    );
  }
  this.exit(found.refusals.length > 0 ? exitCodes.usage : exitCodes.done);
}
