import { sh } from '../core/command.ts';
import type { Duration } from '../core/duration.ts';
import type { Json } from '../core/json.ts';
import { type Activation, activation } from '../core/step.ts';
import { bootId } from '../facts/boot.ts';

/** The boot, and what the proofs of the changes that wait for one see on it, by step id. */
type State = { readonly bootId: string; readonly proofs: { readonly [step: string]: Json } };

/** How to reboot. */
export type RebootOptions = {
  readonly within: Duration;
  /** Asks a person instead, e.g. to move the VM and start it; the boot id shows when it is done. */
  by?(direction: 'forward' | 'back'): string;
  readonly deadman?: Duration;
};

/**
 * Reboots, if anything waits for a boot. Source: random(4), the boot id is made once a boot.
 *
 * A change waits when it was applied on the boot that runs, or when it was found in place and its proof does not hold on this boot. So a reboot by a
 * person counts, whenever it happens. The node compares the boot id right before it runs the command, so a repeat cannot reboot twice.
 */
export const reboot = (options: RebootOptions): Activation =>
  activation<State>({
    id: 'reboot',
    title: options.by ? 'reboot by a person' : 'reboot',
    wish: 'a boot that has seen every change',
    boots: true,
    within: options.within,
    ...(options.deadman !== undefined && { deadman: options.deadman }),
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
    unmet: (now, before, ctx) => {
      if (now.bootId !== before.bootId) return [];
      return ctx.awaiting.flatMap(({ step, appliedOn, proof }) => {
        if (appliedOn !== null) return appliedOn === now.bootId ? [`${step} takes effect at the next boot`] : [];
        const state = now.proofs[step];
        return proof && state !== undefined ? proof.unmet(state, state, ctx) : [];
      });
    },
    apply: (_now, ctx) => (options.by ? [{ via: 'person', instructions: options.by(ctx.direction) }] : [sh`systemctl reboot`]),
  });
