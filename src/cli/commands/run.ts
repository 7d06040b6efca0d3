import { UsageError } from '../../core/error.ts';
import { approvedRun } from '../approved-run.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { type PrepareFlags, prepare } from '../prepare.ts';
import { type StartFlags, questionFor, startRun } from '../start-run.ts';

/** The flags of `drover run`. */
export type RunFlags = PrepareFlags & StartFlags & { readonly plan?: string };

const settings = ['fleet', 'selector', 'exclude', 'set', 'onFailure', 'canary', 'soak', 'maxUnavailable', 'maxFailures', 'spread'] as const;

/** What was said besides a plan, which has all of it. */
const besides = (flags: RunFlags, words: readonly string[]): readonly string[] => [
  ...words,
  ...settings
    .filter((name) => flags[name] !== undefined)
    .map((name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
];

/** Moves nodes through a runbook: preflight of all, a confirmation, then the nodes as the rollout lets them begin. */
export async function run(this: Cli, flags: RunFlags, ...words: string[]): Promise<void> {
  if (flags.plan !== undefined) {
    const more = besides(flags, words);
    if (more.length > 0)
      throw new UsageError(`--plan runs exactly what was planned, so ${more.join(', ')} cannot be said beside it: plan again instead`);
    const wanted = await approvedRun(this, flags.plan);
    await using drover = await openDrover(this, 'run');
    return this.exit(await startRun(this, drover, wanted, flags));
  }
  const [name, ...names] = words;
  if (name === undefined) throw new UsageError('RUNBOOK is missing; --help behind the command shows what it takes');
  const { runbook, spec, others, all } = await prepare(this, flags, name, names);
  await using drover = await openDrover(this, 'run');
  this.exit(await startRun(this, drover, { runbook, spec, others, question: questionFor('Run', spec, runbook, all) }, flags));
}
