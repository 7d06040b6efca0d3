import type { Preview } from './preview.ts';

/**
 * What refuses a plan, each thing once: a change that cannot be made is not told again where a gate before it has said so, with what is to be done.
 */
export const refusedBy = (steps: readonly Preview[]): readonly string[] => {
  const byGates = steps.flatMap(({ forecast, kind }) => (kind === 'gate' && forecast.kind === 'refuses' ? forecast.unmet : []));
  const isSaid = (why: string): boolean => byGates.some((one) => one.startsWith(why));
  return steps.flatMap(({ forecast, kind }) =>
    forecast.kind !== 'refuses' || (kind !== 'gate' && forecast.unmet.some(isSaid)) ? [] : forecast.unmet,
  );
};
