import { RUN_STREAM } from '../../src/core/node.ts';
import { afterwards } from './afterwards.ts';
import { begin } from './begin.ts';
import { unleash } from './chaos.ts';
import { chanceOf } from './chance.ts';
import type { Battlefield } from './field.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { waitMs } from './harm-guard.ts';
import { type Before, judgeEnd, notReadyToOpen, standOf } from './judge-end.ts';
import { watchDrains } from './judge-drain.ts';
import { judgeGuard, keepFiles } from './judge-guard.ts';
import { judgeCordons, judgeNode, judgeSecrets, judgeStrangers, judgeWriters } from './judge-node.ts';
import { judgeNotices } from './judge-notices.ts';
import { judgeRollout } from './judge-run.ts';
import { type Notebook, openNotebook } from './notebook.ts';
import { closing, peopleOf } from './people.ts';
import { type Process, startProcess } from './process.ts';
import { startRedis } from './redis.ts';
import { runbookOf } from './runbook.ts';
import { scenarioOf, specOf } from './scenario.ts';
import { virtualTime } from '../../src/sim/virtual-time.ts';
import { watchRun } from './watch.ts';
import { startWorker, stationOf } from './worker.ts';

/** When every world begins. */
const START = 1_700_000_000_000;
/** How long after the last fault a run may take to come to its end. */
const QUIET_MS = 20 * 60_000;
/** What was about to happen when a run ended happens in this time. */
const SETTLE_MS = 3000;

/** What came of a world. */
export type Verdict = {
  readonly seed: number;
  /** What must never happen, and did. */
  readonly wrong: readonly string[];
  readonly outcome: string;
  readonly virtualMs: number;
  readonly ticks: number;
};

/** Lives through the world of a seed. @param tell gets its story, a line at a time */
export const live = async (seed: number, tell?: (line: string) => void): Promise<Verdict> => {
  const chance = chanceOf(seed);
  const scenario = scenarioOf(seed, chance);
  const time = virtualTime(START);
  const say = tell && ((line: string): void => tell(`${((time.now() - START) / 1000).toFixed(3).padStart(8)}  ${line}`));
  const fleet: Fleet = fleetOf(scenario, time, chance.pick([20, 500, 3000]), {
    powerLost: ({ name }) => {
      say?.(`the power of ${name} has gone`);
      book.restarts.push({ node: name, at: time.now() });
    },
    stranger: (machine) => book.strangers.add(machine),
  });
  const book: Notebook = openNotebook(
    () => fleet,
    () => Math.floor(time.now()),
    say,
  );
  const redis = startRedis(time, (taking) => {
    book.takings.push(taking);
    say?.(`${taking.owner} takes ${taking.name} with fence ${taking.fence}${taking.from === null ? '' : ` from ${taking.from}`}`);
  });
  for (const { name, prior } of scenario.nodes) if (prior === 'cordoned-by-person') book.personsCordons.add(name);
  say?.(JSON.stringify(scenario));
  const runbook = runbookOf(scenario.recipe, 'content 1\n', scenario.rollout);
  const before: Before = standOf(scenario, fleet);
  const kept = keepFiles(scenario, fleet);
  const undrained = watchDrains(scenario, runbook, fleet, book);

  const field: Battlefield = { scenario, time, fleet, redis, book, workers: [], replace: () => undefined, over: false, closed: false };
  const parts = (process: ReturnType<typeof startProcess>) => ({ process, redis, fleet, book, runbook: () => runbook });
  const born = new Map<number, number>();
  const employed = new Map<string, Process>();
  const employ = (index: number): void => {
    born.set(index, (born.get(index) ?? 0) + 1);
    const process = startProcess(`w${index + 1}.${born.get(index) ?? 0}`, time, chance.apart(), chance.pick([2, 5, 40]));
    employed.set(process.name, process);
    say?.(`${process.name} begins to work`);
    field.workers[index] = startWorker(parts(process), scenario.workers[index]?.concurrency ?? 1);
  };
  const replacing = new Set<number>();
  field.replace = (index, afterMs) => {
    if (replacing.has(index)) return;
    replacing.add(index);
    time.at(time.now() + afterMs, () => {
      replacing.delete(index);
      if (field.closed) return;
      // one that was told to stop may take its time
      if (field.workers[index]?.process.state() === 'dead') employ(index);
      else field.replace(index, 1000);
    });
  };
  scenario.workers.forEach((_, index) => employ(index));

  const runId = 'r1';
  const spec = specOf(scenario);
  const withinMs = 2000 + (45_000 * scenario.nodes.length) / scenario.speed + waitMs(field);
  const cli = startProcess('cli', time, chance.apart(), 2);
  const begun = begin(chance.apart(), field, (process) => stationOf(parts(process)), runId, spec);
  const people = peopleOf(chance.apart(), field, cli, runId, withinMs);
  const { over, end } = unleash(chance, field, withinMs);
  closing(chance, field, people, over);

  let done = false;
  const wordsUntil = START + withinMs + 10_000;
  const settle = (): void => {
    if (people.state(RUN_STREAM).runOutcome === undefined) return;
    const frozen = field.workers.some((worker) => worker?.process.state() === 'frozen');
    if (time.now() >= wordsUntil || !people.mayTalk ? !frozen : false) done = true;
    else time.at(time.now() + SETTLE_MS, settle);
  };
  book.readers.push(({ event }) => {
    if (event.type === 'run.finished') time.at(time.now() + SETTLE_MS, settle);
  });
  const orphaned = watchRun(field, runId, begun, people);
  await time.run(over + QUIET_MS, () => done).catch((error: unknown) => book.wrong.push(String(error)));

  const wrong = [
    ...book.wrong,
    ...orphaned,
    ...undrained,
    ...scenario.nodes.flatMap(({ name }) => judgeNode(book, fleet, [runId], fleet.machine(name), scenario.recipe)),
    ...judgeCordons(book, notReadyToOpen(scenario, book)),
    ...judgeRollout(book, runId, spec, fleet.unready, (name, from, to) => employed.get(name)?.frozenMs(from, to) ?? 0),
    ...judgeSecrets(book, scenario.recipe),
    ...judgeWriters(book),
    ...judgeNotices(
      book,
      scenario,
      runId,
      [...born.values()].reduce((sum, one) => sum + one, 0),
    ),
    ...judgeEnd(scenario, fleet, book, before, people.state, runId),
  ];
  if (scenario.recipe.deadman !== null) {
    end();
    field.closed = true;
    for (const worker of field.workers) worker?.process.kill();
    wrong.push(...(await afterwards(chance, field)), ...judgeGuard(scenario, fleet, book, kept, runId));
  }
  wrong.push(...judgeStrangers(book));
  for (const line of wrong) say?.(`WRONG: ${line}`);
  return { seed, wrong, outcome: people.state(RUN_STREAM).runOutcome ?? 'none', virtualMs: time.now() - START, ticks: time.events() };
};
