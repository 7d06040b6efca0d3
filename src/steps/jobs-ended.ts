import type { Ask } from '../core/action.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { type Blocker, podName } from '../core/eviction.ts';
import { type Fact, deriving } from '../core/fact.ts';
import { type Change, change } from '../core/step.ts';
import type { CiJob } from '../facts/ci-job.ts';
import { type Pod, podsOn } from '../facts/pods.ts';
import { jobWords } from './drain-filters.ts';

/** The step's id: `drain` goes by what people answered to it. */
export const JOBS_ENDED = 'jobs-ended';
/** The answer that lets running jobs be killed. */
export const KILL = 'kill';
const GIVE_UP = 'give up';

type Running = readonly { readonly job: CiJob; readonly pod: string }[];

const isRunning = ({ ending, phase }: Pod): boolean => ending === null && phase !== 'Succeeded' && phase !== 'Failed';

const keeps = ({ job, pod }: Running[number]): Blocker => ({ pod, by: jobWords(job), why: 'it runs, and is waited for' });

const runningJobs = (node: string): Fact<Running> =>
  deriving(podsOn(node), (pods) =>
    pods.flatMap((pod) => (pod.job !== null && isRunning(pod) ? [{ job: pod.job, pod: podName(pod) }] : [])),
  );

/**
 * Waits until the CI jobs that run on the node have ended; after `wait` a person is asked whether to wait on, to kill them, or to give up.
 *
 * Stands between `cordon()`, which keeps new jobs away, and `drain()`, which then finds none or, after `kill`, evicts them. Jobs are those of
 * gitlab-runner's Kubernetes executor: their pods have no controller, so kubectl drain refuses them, or kills the pipeline.
 *
 * @param options `within` bounds all of it, the question too; 24h unless set
 */
export const jobsEnded = (options: { readonly wait: Duration; readonly within?: Duration; readonly to?: string }): Change => {
  const { wait, within = '24h', to } = options;
  const ask = (jobs: Running): Ask => ({
    via: 'person',
    instructions: `CI jobs still run here after ${wait}: ${jobs.map(({ job }) => jobWords(job)).join(', ')}. wait: until they have ended, ${within} at most; kill: their pods are evicted; give up: the step fails, and no pod is touched`,
    choices: ['wait', KILL, GIVE_UP],
    ...(to !== undefined && { to }),
  });
  return change<Running>({
    id: JOBS_ENDED,
    title: 'running CI jobs end',
    wish: { wait },
    within,
    asks: true,
    observe: (ctx) => runningJobs(ctx.node.name),
    unmet: (now, _before, { answer }) => {
      if (answer === KILL) return [];
      return [
        ...(answer === GIVE_UP && now.length > 0 ? ['a person gives it up'] : []),
        ...now.map(({ job, pod }) => `${pod} runs ${jobWords(job)}`),
      ];
    },
    apply: (now, { answer, nowMs = 0, startedAtMs = nowMs }) => {
      if (answer === GIVE_UP) return [];
      const ended = `${now.length === 1 ? 'the job has' : `${now.length} jobs have`} ended`;
      return answer === 'wait' || nowMs - startedAtMs < durationMs(wait)
        ? [{ via: 'time', until: ended, blocked: now.map(keeps) }]
        : [ask(now)];
    },
    rollback: () => [],
    fleeting: true,
  });
};
