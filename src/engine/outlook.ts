import { DroverError } from '../core/error.ts';
import type { Plan } from '../core/plan.ts';
import type { StepContext } from '../core/step.ts';
import { look } from './look.ts';
import type { Preview } from './preview.ts';
import { LOOK_MS } from './session.ts';
import type { World } from './world.ts';

/** Adds to the steps of a plan that would act how that is likely to go, where they can tell. What cannot be looked at refuses nothing. */
export const foretell = (
  world: World,
  plan: Plan,
  steps: readonly Preview[],
  ctx: StepContext,
  signal: AbortSignal,
): Promise<readonly Preview[]> =>
  Promise.all(
    steps.map(async (shown, index): Promise<Preview> => {
      const outlook = plan.items[index]?.step.outlook;
      if (outlook === undefined || shown.forecast.kind !== 'acts') return shown;
      try {
        const [seen] = await look(world, [outlook.observe(ctx)], { signal, timeoutMs: LOOK_MS });
        return { ...shown, outlook: outlook.words(seen?.state ?? null, ctx) };
      } catch (error) {
        if (!(error instanceof DroverError)) throw error;
        return { ...shown, outlook: [`nobody can tell how it will go: ${error.message}`] };
      }
    }),
  );
