import type { Action, Ask } from '../core/action.ts';
import { type ControlCommand, quote, sh } from '../core/command.ts';
import type { Duration } from '../core/duration.ts';
import { UsageError } from '../core/error.ts';
import type { Json } from '../core/json.ts';
import { type Activation, type StepContext, activation } from '../core/step.ts';
import { bootId } from '../facts/boot.ts';

/** The boot, and what the proofs of the changes that wait for one see on it, by step id. */
type State = { readonly bootId: string; readonly proofs: { readonly [step: string]: Json } };

/** How to reboot. */
export type RebootOptions = {
  readonly within: Duration;
  /**
   * Who moves the machine and brings the boot about instead: a person, by their instructions or as an `Ask`, or a command on the controller.
   *
   * A command only moves the machine's network, and does nothing where that is done: it may run twice, and it never restarts the node, because
   * nothing could tell whether that has happened already. The guard on the node restarts it once it sees that it was moved, so it needs `deadman`.
   */
  by?(direction: 'forward' | 'back'): string | Ask | ControlCommand;
  readonly deadman?: Duration;
};

const programOf = ({ argv }: ControlCommand): string => quote(argv[0]?.split('/').at(-1) ?? '');

const titleOf = (by: string | Ask | ControlCommand | undefined): string => {
  if (by === undefined) return 'reboot';
  return typeof by === 'string' || by.via === 'person' ? 'reboot by a person' : `reboot, when ${programOf(by)} has moved the node`;
};

/** What still waits for a boot, in words, by the step that waits. */
const waiting = (now: State, ctx: StepContext): readonly (readonly [step: string, moves: boolean, unmet: readonly string[]])[] =>
  ctx.awaiting.map(({ step, appliedOn, proof, moves = false }) => {
    if (appliedOn !== null) return [step, moves, appliedOn === now.bootId ? [`${step} takes effect at the next boot`] : []];
    const state = now.proofs[step];
    return [step, moves, proof && state !== undefined ? proof.unmet(state, state, ctx) : []];
  });

/** A command moves only what has to move: where all is in its place already, nobody else would restart the node. */
const byCommand = (command: ControlCommand, now: State, ctx: StepContext): readonly Action[] => {
  const movers = waiting(now, ctx).filter(([, moves, unmet]) => moves && unmet.length > 0);
  if (movers.length === 0) return [sh`systemctl reboot`];
  const applied = ctx.awaiting.some(({ moves, appliedOn }) => moves === true && appliedOn === now.bootId);
  if (applied) return [command];
  // what was configured before the run has no guard that would restart the node
  return [{ via: 'person', instructions: `run this, and restart ${ctx.node.name} when it has moved: ${command.masked}` }];
};

/**
 * Reboots, if anything waits for a boot. Source: random(4), the boot id is made once a boot.
 *
 * A change waits when it was applied on the boot that runs, or when it was found in place and its proof does not hold on this boot. So a reboot by a
 * person counts, whenever it happens. The node compares the boot id right before it runs the command, so a repeat cannot reboot twice.
 *
 * @throws UsageError when a command is to move the node and nothing would restart it
 */
export const reboot = (options: RebootOptions): Activation => {
  const { by, deadman, within } = options;
  const there = by?.('forward');
  // what cannot be told for the way back is refused now, and not when somebody needs it
  by?.('back');
  if (typeof there === 'object' && there.via === 'control' && deadman === undefined)
    throw new UsageError(
      `reboot: ${there.masked} only moves the node, and its guard restarts it then; give reboot a deadman, like deadman: '10m'`,
    );
  return activation<State>({
    id: 'reboot',
    title: titleOf(there),
    wish: 'a boot that has seen every change',
    boots: true,
    within,
    ...(by !== undefined && { asks: true }),
    ...(deadman !== undefined && { deadman }),
    observe: (ctx) => ({
      all: {
        bootId: bootId(),
        proofs: {
          all: Object.fromEntries(
            ctx.awaiting.flatMap(({ step, appliedOn, proof }) => (proof && appliedOn === null ? [[step, proof.observe(ctx)]] : [])),
          ),
        },
      },
    }),
    unmet: (now, before, ctx) => (now.bootId === before.bootId ? waiting(now, ctx).flatMap(([, , unmet]) => unmet) : []),
    apply: (now, ctx) => {
      const who = by?.(ctx.direction);
      if (who === undefined) return [sh`systemctl reboot`];
      if (typeof who === 'string') return [{ via: 'person', instructions: who }];
      return who.via === 'person' ? [who] : byCommand(who, now, ctx);
    },
  });
};
