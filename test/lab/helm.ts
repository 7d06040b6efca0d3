import path from 'node:path';
import type { Place } from './control-plane.ts';
import { type Result, inNetns, run } from './process.ts';
import { assets } from './requirements.ts';

/** The lab's chart, named gitlab-runner as the real one. */
export const chart = path.join(import.meta.dirname, 'chart');
/** The name of the release, and of its namespace. */
export const release = 'gitlab-runner';

/** Runs helm as the cluster's administrator. */
export const helm = (place: Pick<Place, 'netns' | 'pki' | 'folder'>, args: readonly string[]): Promise<Result> => {
  const [program, ...rest] = inNetns(place.netns, [path.join(assets(), 'helm'), ...args]);
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: place.folder, KUBECONFIG: `${place.pki}/admin.conf` };
  return run(program, rest, { env, timeoutMs: 400_000 });
};
