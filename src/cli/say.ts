import { UsageError } from '../core/error.ts';
import type { NewControl, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { readSpec } from '../queue/run-state.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Drover } from './drover.ts';
import { othersWork } from './workers-now.ts';

/** Finds a run by its id or the first letters of it. @throws UsageError when there is none, or several */
export const findRun = async (drover: Drover, word: string): Promise<{ readonly runId: string; readonly spec: RunSpec }> => {
  const { journal } = drover.station;
  const runs = await journal.runs();
  const matching = runs.includes(word) ? [word] : runs.filter((run) => run.startsWith(word));
  const [runId, ...more] = matching;
  if (runId === undefined) throw new UsageError(`there is no run ${word}${didYouMean(word, [...runs])}; drover runs lists them`);
  if (more.length > 0) throw new UsageError(`${word} is the beginning of several runs: ${matching.join(', ')}`);
  const spec = await readSpec(journal, runId);
  if (!spec) throw new UsageError(`run ${runId} has no journal; it may have been made by another Redis`);
  return { runId, spec };
};

/** Checks node names against a run; none means the whole run. @throws UsageError */
export const nodesOfRun = (runId: string, spec: RunSpec, names: readonly string[]): { readonly nodes?: readonly string[] } => {
  if (names.length === 0) return {};
  const there = [...spec.nodes.map(({ name }) => name), RUN_STREAM];
  for (const name of names) {
    if (!there.includes(name))
      throw new UsageError(`run ${runId} has no node ${name}${didYouMean(name, there)}; it has ${there.slice(0, -1).join(', ')}`);
  }
  return { nodes: names };
};

/** Says something to a run and wakes whoever works on it. */
export const say = async (drover: Drover, runId: string, record: NewControl): Promise<void> => {
  await drover.station.journal.control(runId, record);
  await drover.station.wakes.run(runId);
};

/** A line for what nobody hears yet; undefined while somebody works on the run. */
export const unheard = async (drover: Drover, runId: string): Promise<string | undefined> =>
  (await othersWork(drover, runId)) ? undefined : `nobody works on run ${runId} now: it is done as soon as somebody does (drover worker)`;
