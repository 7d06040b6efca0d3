import { type RunDecision, advance } from '../core/advance.ts';
import type { NewEvent, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import { holdStream, leaseName, underLease } from './hold.ts';
import { planAfter } from './plans.ts';
import { type Queues, wakeNode } from './queues.ts';
import { readRunState, readSpec } from './run-state.ts';
import type { Station } from './station.ts';

/** A run is looked at this often even when nobody wakes it, so that nothing that was lost stays lost. */
const EVERY_MS = 2000;

/** Writes one event of the run itself, under the run's lease; somebody else's lease means that they do it. */
const note = async (station: Station, runId: string, signal: AbortSignal, event: NewEvent): Promise<void> => {
  await underLease(station, leaseName(runId, RUN_STREAM), signal, 0, async (fence) => {
    const { seq } = fold(await station.journal.read(runId, RUN_STREAM));
    await station.journal.append(runId, RUN_STREAM, { afterSeq: seq, fence, nonce: station.nonce() }, event);
    return { kind: 'noted' as const };
  });
};

/** One look at a run and what follows from it; says in how many ms to look again, null when it has ended. */
export const turnOfRun = async (station: Station, queues: Queues, runId: string, signal: AbortSignal): Promise<number | null> => {
  const spec = await readSpec(station.journal, runId);
  if (!spec) return null;
  const runbook = await station.runbook(spec.runbook);
  const hasAfter = planAfter(runbook, spec).items.length > 0;
  const state = await readRunState(station.journal, runId, spec, hasAfter);
  const decision: RunDecision | undefined = advance(state);
  const restarted =
    decision !== undefined && decision.do !== 'halt' && (state.run.runOutcome !== undefined || state.run.halted !== undefined);
  if (restarted && decision.do !== 'finish') await note(station, runId, signal, { type: 'run.resumed', by: station.owner });
  switch (decision?.do) {
    case undefined:
      await release(station, runId, spec);
      return null;
    case 'work':
      for (const node of decision.nodes) await wakeNode(queues, runId, node);
      return EVERY_MS;
    case 'after': {
      const held = await holdStream(station, runId, spec, RUN_STREAM, signal);
      return held.kind === 'waiting' ? (held.wakeInMs ?? EVERY_MS) : held.kind === 'busy' ? EVERY_MS : 0;
    }
    case 'halt':
      if (state.run.halted !== decision.why) await note(station, runId, signal, { type: 'run.halted', why: decision.why });
      return EVERY_MS;
    case 'finish':
      // first, because whoever sees the run end may begin the next one with these nodes
      await release(station, runId, spec);
      await note(station, runId, signal, { type: 'run.finished', outcome: decision.outcome });
      return 0;
  }
};

/** The run has ended: its nodes are free for other runs. */
const release = async (station: Station, runId: string, { nodes }: RunSpec): Promise<void> => {
  for (const { name } of nodes) await station.leases.giveBack(name, runId);
  await station.leave(runId);
};
