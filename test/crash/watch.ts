import { RUN_STREAM } from '../../src/core/node.ts';
import { isAdmitted } from '../../src/core/standing.ts';
import { SWEEP_MS } from '../../src/queue/sweep.ts';
import type { Begun } from './begin.ts';
import type { Battlefield } from './field.ts';
import type { People } from './people.ts';

/** How often it is looked whether somebody can go on with the run. */
const LOOK_MS = 3000;
/** How long all nodes may wait for a word before the run says so: whoever was to say it may have died, and then it takes its time. */
const SILENT_MS = 24_000;

/** A run that has not ended must have a job that somebody will take, and says that it waits for a person where nobody else can go on. */
export const watchRun = (field: Battlefield, runId: string, begun: Begun, people: People): string[] => {
  const { time, redis, scenario, workers } = field;
  const wrong: string[] = [];
  let missing = 0;
  let silent = 0;
  const over = (): boolean => field.closed || people.state(RUN_STREAM).runOutcome !== undefined;
  const allStuck = (): boolean => {
    const run = people.state(RUN_STREAM);
    const flying = scenario.nodes
      .map(({ name }) => ({ name, node: people.state(name) }))
      .filter(({ name, node }) => isAdmitted(name, node, run));
    const served = redis.isUp() && workers.some((worker) => worker?.process.state() === 'alive');
    return served && run.halted === undefined && flying.length > 0 && flying.every(({ node }) => node.stuck && !node.paused);
  };
  const look = (): void => {
    missing = over() || !redis.isUp() || redis.runs.has(`run/${runId}`) ? 0 : missing + LOOK_MS;
    // what was never woken is found by the next sweep of a worker that lives
    const within = begun.unwoken ? 2 * SWEEP_MS : 9000;
    if (missing === within) wrong.push(`the run has not ended, and for ${within / 1000} s nobody has had a job to look after it`);
    silent = !over() && allStuck() ? silent + LOOK_MS : 0;
    if (silent === SILENT_MS) wrong.push(`all nodes have waited for a word for ${SILENT_MS / 1000} s, and the run does not say so`);
    if (!field.closed) time.at(time.now() + LOOK_MS, look);
  };
  time.at(time.now() + 20_000, look);
  return wrong;
};
