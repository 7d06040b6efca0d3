import { count } from '../core/count.ts';
import { durationMs, showMs } from '../core/duration.ts';
import type { RunSpec } from '../core/event.ts';
import { windowOf } from '../core/rollout.ts';

const SHOWN = 12;

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN - 2).join(', ')} and ${names.length - SHOWN + 2} more`;

/** How a run goes over its nodes, in one or two lines: who goes first, how many at once, when nothing new begins. One node needs no words. */
export const rolloutLines = ({ nodes, rollout }: Pick<RunSpec, 'nodes' | 'rollout'>): readonly string[] => {
  if (nodes.length < 2) return [];
  const names = nodes.map(({ name }) => name);
  const [canaries, others] = [names.slice(0, rollout.canary), names.slice(rollout.canary)];
  const { soak, spread, maxUnavailable, maxFailures } = rollout;
  const window = windowOf(rollout, nodes.length);
  const percent = typeof maxUnavailable === 'number' ? '' : ` (${maxUnavailable})`;
  const apart = spread === undefined ? '' : `, never two with the same ${spread}`;
  const atOnce = `${window === 1 ? 'one after another' : `at most ${window} of ${nodes.length} at once`}${percent}${apart}`;
  const soaks = soak === undefined || durationMs(soak) === 0 ? '' : `, healthy for ${showMs(durationMs(soak))}`;
  const first = canaries.length === 0 ? '' : `first ${listed(canaries)}${soaks}; `;
  const rest = others.length === 0 ? atOnce : `${first === '' ? '' : 'then '}${atOnce}: ${listed(others)}`;
  const stops = maxFailures === 0 ? 'after a failure' : `after more than ${count(maxFailures, 'failure')}`;
  return [`rollout: ${first}${rest}`, `         nothing new begins ${stops}`];
};
