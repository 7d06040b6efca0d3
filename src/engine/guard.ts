import { confirmDeadman, disarmDeadman, reachedDeadman } from '../core/deadman.ts';
import { ConnectionError, UsageError, isAboutWork } from '../core/error.ts';
import { durationMs } from '../core/duration.ts';
import {
  type Guarded,
  armCommand,
  guardFor,
  isGuarding,
  lostOrigin,
  movingChange,
  movingProof,
  originOf,
  reopenedByRevert,
} from '../core/guarded.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { askGuard, exitCodeOf, intentOf, whyOf } from './ask-guard.ts';
import { waitsForMove } from './guard-other-way.ts';
import { type Hold, contextOf, lookAt, outOfReach, unpark, waitOrFail, yieldOrWait } from './hold.ts';
import { type Seen, bootOf } from './look.ts';
import { onNode } from './on-node.ts';
import { revertedNext } from './verdicts.ts';
import type { Ended } from './world.ts';

const arm = async (
  hold: Hold,
  plan: Plan,
  item: PlanItem,
  group: Guarded,
  bootId: string,
  lookedAt: number,
): Promise<Ended | 'again' | undefined> => {
  const { session } = hold;
  const { step } = group.activation;
  const moving = movingChange(group);
  const [found] = moving ? await lookAt(hold, plan, [moving]) : [];
  const before = (moving && session.run().steps[moving.step.id]?.before) ?? found?.state ?? null;
  const proof = movingProof(plan, group);
  const holds = async (gate: PlanItem): Promise<boolean> => {
    const [live] = await lookAt(hold, plan, [gate]);
    return live !== undefined && gate.step.unmet(live.state, live.state, contextOf(session, plan, gate)).length === 0;
  };
  if (originOf(group, before, false) === 'lost' && proof && !(await holds(proof))) {
    // who takes a half-moved node over was told that there is no way back
    if (session.assignment.adopted === true) return undefined;
    const error = new UsageError(`${session.assignment.node.name}: ${lostOrigin(group)}`);
    await session.append({ type: 'step.failed', step: item.step.id, unmet: [error.message], error: error.toJSON() });
    return 'again';
  }
  if (originOf(group, before, true) === 'arrived') return undefined;
  // before it is sent: whoever takes over knows that there may be a guard to be ended
  if (session.run().guard?.step !== step.id || session.run().guard?.bootId !== null)
    await session.append({ type: 'guard.arming', step: step.id });
  const acted = await onNode(hold, item, armCommand(plan, group, before), [], { bootId, intent: intentOf(step.id) });
  hold.ready.clear();
  switch (acted.kind) {
    case 'done': {
      const status = await askGuard(hold);
      const reverts = status.guard === 'armed' ? status.reverts : 0;
      await session.append({ type: 'guard.armed', step: step.id, bootId, deadlineMs: durationMs(step.deadman ?? '0s'), reverts });
      return 'again';
    }
    case 'replaced':
      return { kind: 'replaced', why: acted.why, nodeFence: acted.nodeFence };
    case 'refused':
      if (!acted.error.transient) {
        await session.append({ type: 'step.failed', step: item.step.id, unmet: [acted.error.message], error: acted.error.toJSON() });
        return 'again';
      }
      return (await waitOrFail(hold, item, [acted.error.message], lookedAt)) ?? 'again';
    case 'unknown':
    case 'absent':
    case 'stale':
    case 'asked':
      return (await yieldOrWait(hold, whyOf(acted))) ?? 'again';
  }
};

/**
 * Before a step acts that is at stake by an address move: its guard has to be in force on the boot that runs.
 *
 * @returns undefined when it is, or when nothing is at stake; `again` when the loop has to turn first
 */
export const underGuard = async (
  hold: Hold,
  plan: Plan,
  item: PlanItem,
  seen: Seen,
  lookedAt: number,
): Promise<Ended | 'again' | undefined> => {
  const group = guardFor(plan, item);
  if (!group || !hold.session.world.node) return undefined;
  const { guard } = hold.session.run();
  const bootId = seen.bootId ?? (await hold.session.hello()).bootId;
  if (guard?.step === group.activation.step.id && guard.bootId === bootId && !guard.reverted) return undefined;
  if (await waitsForMove(hold, plan, group, bootId)) return undefined;
  return arm(hold, plan, item, group, bootId, lookedAt);
};

/** Tells the guard that drover is there: the proofs have its time again, and at the old place it stays where drover has found it. */
const greet = async (hold: Hold, plan: Plan, activation: string): Promise<void> => {
  hold.greeted = true;
  const item = plan.items.find(({ step }) => step.id === activation);
  const { bootId } = await hold.session.hello();
  if (item) await onNode(hold, item, reachedDeadman, [], { bootId, intent: intentOf(activation) });
};

/** Looks at the armed guard after the node has answered: a revert is journaled, and a guard that waits is told that drover is there. */
export const watchGuard = async (hold: Hold, plan: Plan): Promise<void> => {
  const { session } = hold;
  const { guard } = session.run();
  if (!guard || guard.reverted || !hold.answered || !isGuarding(plan, session.run())) return;
  hold.answered = false;
  try {
    const status = await askGuard(hold);
    if (status.guard === 'absent') return;
    // one that has been to and fro and stands at the new place now is what was wished: the proofs decide
    if (status.place === 'old') {
      const { runId, node } = session.assignment;
      await greet(hold, plan, guard.step);
      await session.append({
        type: 'guard.reverted',
        step: guard.step,
        why: status.why,
        reverts: status.reverts,
        reopens: reopenedByRevert(plan, guard.step),
        ...revertedNext(hold, plan, guard.step),
        waitsFor: `the node has gone back to its old address by itself (${status.why}); see that it can be reached at the new one, then say drover replay ${runId} ${node.name} (or resume), or take it back with drover rollback ${runId} ${node.name}`,
      });
      hold.ready.clear();
      return;
    }
    if (status.place === 'new' && !hold.greeted) await greet(hold, plan, guard.step);
  } catch (error) {
    // whoever looks next meets the same, and knows what follows from it
    if (!isAboutWork(error)) throw error;
  }
};

/** Proofs that no longer hold over the new connection are asked again, with their own bound; tells whether there was one. */
const reask = async (hold: Hold, plan: Plan, activation: string): Promise<boolean> => {
  const { session } = hold;
  const at = plan.items.findIndex(({ step }) => step.id === activation);
  const proofs = plan.items.slice(at + 1).filter(({ proves }) => proves !== undefined);
  hold.ready.clear();
  const seen = await lookAt(hold, plan, proofs);
  let any = false;
  for (const [index, item] of proofs.entries()) {
    const one = seen[index];
    if (!one) continue;
    const unmet = item.step.unmet(one.state, one.state, contextOf(session, plan, item));
    if (unmet.length === 0) continue;
    any = true;
    const attempt = (session.run().steps[item.step.id]?.attempt ?? 0) + 1;
    await session.append({ type: 'step.started', step: item.step.id, attempt, before: one.state, unmet, ...bootOf(one) });
  }
  return any;
};

/** Confirms the move over a connection that is made for it, after the proofs hold over that one; the guard on the node is gone then. */
export const confirm = async (hold: Hold, plan: Plan, activation: string): Promise<Ended | undefined> => {
  const { session } = hold;
  const item = plan.items.find(({ step }) => step.id === activation);
  const { node } = session.world;
  if (!item || !node) return undefined;
  try {
    node.drop();
    const { bootId, address } = await session.hello();
    await unpark(hold, 'the node answers');
    if (await reask(hold, plan, activation)) return undefined;
    const acted = await onNode(hold, item, confirmDeadman(activation), [], { bootId, intent: intentOf(activation) });
    if (acted.kind === 'replaced') return { kind: 'replaced', why: acted.why, nodeFence: acted.nodeFence };
    switch (exitCodeOf(acted)) {
      case 0:
        await session.append({ type: 'guard.confirmed', step: activation, bootId, address });
        return undefined;
      case 97:
        await session.append({
          type: 'guard.disarmed',
          step: activation,
          why: 'it was not there any more when the move was to be confirmed',
        });
        return undefined;
      case 98:
        hold.answered = true;
        return undefined;
      default:
        return await yieldOrWait(hold, whyOf(acted));
    }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return outOfReach(hold, error);
  }
};

/** Takes away a guard that nothing needs any more. */
export const disarm = async (hold: Hold, plan: Plan, activation: string): Promise<Ended | undefined> => {
  const { session } = hold;
  const item = plan.items.find(({ step }) => step.id === activation) ?? plan.items[0];
  const why = 'the plan has ended as wished, and no move is left to be confirmed';
  try {
    const hello = item && session.world.node ? await session.hello() : undefined;
    await unpark(hold, 'the node answers');
    if (!item || !hello) {
      await session.append({ type: 'guard.disarmed', step: activation, why });
      return undefined;
    }
    const acted = await onNode(hold, item, disarmDeadman, [], { bootId: hello.bootId, intent: intentOf(activation) });
    if (acted.kind === 'replaced') return { kind: 'replaced', why: acted.why, nodeFence: acted.nodeFence };
    const code = exitCodeOf(acted);
    if (code !== 0 && code !== 97) return await yieldOrWait(hold, whyOf(acted));
    await session.append({ type: 'guard.disarmed', step: activation, why });
    return undefined;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return outOfReach(hold, error);
  }
};
