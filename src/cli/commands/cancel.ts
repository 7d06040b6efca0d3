import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { endHere } from '../end-here.ts';
import { exitCodes } from '../exit-code.ts';
import type { JsonFlag, YesFlag } from '../flags.ts';
import { confirmed, person } from '../person.ts';
import { findRun, nodesOfRun, say, warnUnheard } from '../say.ts';
import { goesBack } from '../take-back.ts';

/** The flags of `drover cancel`. */
export type CancelFlags = JsonFlag & YesFlag;

/** Ends a run, or nodes of it, where they are. */
export async function cancel(this: Cli, flags: CancelFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'cancel');
  const found = await findRun(drover, word);
  const { runId, spec } = found;
  const whom = nodesOfRun(runId, spec, names);
  const question = `Cancel ${names.length > 0 ? names.join(', ') : 'all nodes'} of run ${runId}? Nodes stay as they are, also cordoned.`;
  if (!(await confirmed(this, question, flags.yes))) return this.exit(exitCodes.usage);
  const by = person(this);
  await say(drover, runId, { type: 'cancel', by, ...whom });
  const over = whom.nodes === undefined && (await endHere(this, drover, runId));
  if (!over) await warnUnheard(this, drover, runId);
  // what was said stands, also where the runbook is not there any more
  const back = (await goesBack(drover, found).catch(() => false)) ? `, drover rollback ${runId} takes it back` : '';
  const how = over ? 'has ended' : 'ends between two actions';
  this.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ run: runId, said: 'cancel', by })}\n`
      : `run ${runId}: ${how}; drover show ${runId} tells where each node stands${back}\n`,
  );
}
