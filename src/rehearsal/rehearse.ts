import { z } from 'zod';
import { type Duration, durationMs } from '../core/duration.ts';
import { type NodeEvent, type RunSpec, noSshSettings } from '../core/event.ts';
import { type Json, isJsonObject } from '../core/json.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Runbook } from '../core/runbook.ts';
import { planAfter, planOf } from '../queue/plans.ts';
import { virtualTime } from '../sim/virtual-time.ts';
import { type FleetOptions, type Hands, type Place, startFleet } from './fleet.ts';
import { type People, react } from './people.ts';
import { startWorks } from './station.ts';
import { type Rehearsed, storyOf } from './story.ts';

/** What is rehearsed, and with which world. */
export type RehearsalOptions<P, V> = FleetOptions & {
  /** The params; what is left out has its default. */
  readonly params?: Partial<P>;
  /** The vars of each node, or a function that gives those of one. */
  readonly vars?: Partial<V> | ((place: Place) => Partial<V>);
  readonly onFailure?: 'pause' | 'rollback';
  readonly rollout?: Partial<Rollout>;
  /** What people do when they are asked, by step. */
  readonly people?: People;
  /** How long a run may take, in its own time; 48h unless set. */
  readonly within?: Duration;
};

/** A runbook with a simulated fleet, in virtual time. */
export type Rehearsal = AsyncDisposable &
  Hands & {
    /** A new run over all nodes. */
    run(): Promise<Rehearsed>;
    /** Tries once more what failed in the last run. */
    replay(): Promise<Rehearsed>;
    /** Takes the last run back. */
    rollback(): Promise<Rehearsed>;
  };

const START = 1_700_000_000_000;
/** More than happens in days of waiting. */
const MOST = 5_000_000;
/** How long a person takes. */
const PERSON_MS = 60_000;
/** A halted run in which nothing happens for so long waits for a word. */
const QUIET_MS = 60_000;

/** What a run freezes is plain data. */
const plain = (value: unknown): Json => z.json().parse(JSON.parse(JSON.stringify(value)));

const specOf = <P, V>(runbook: Runbook<P, V>, options: RehearsalOptions<P, V>, places: readonly Place[]): RunSpec => {
  const { params = {}, vars = {}, onFailure = runbook.onFailure } = options;
  const rollout = { ...runbook.rollout, ...options.rollout };
  return {
    runbook: runbook.name,
    version: runbook.version,
    params: plain(runbook.params.parse(params)),
    nodes: places.map((place) => {
      const own = plain(runbook.vars.parse(typeof vars === 'function' ? vars(place) : vars));
      return { name: place.name, addresses: [place.address], labels: place.labels, vars: isJsonObject(own) ? own : {} };
    }),
    onFailure,
    rollout: { ...rollout, canary: Math.min(rollout.canary, places.length) },
    cluster: { context: null },
    ssh: noSshSettings,
  };
};

/**
 * Runs a runbook over simulated nodes in this process: the engine and the rollout are drover's own, without Redis and ssh, and minutes cost nothing.
 *
 * @example
 * await using rehearsal = await rehearse(hello, { nodes: 2, params: { max: 65536 } });
 * expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded' });
 *
 * @throws UsageError when the runbook does not lay out; a zod error when params or vars do not fit it
 */
export const rehearse = async <P, V>(runbook: Runbook<P, V>, options: RehearsalOptions<P, V> = {}): Promise<Rehearsal> => {
  const time = virtualTime(START, MOST);
  const fleet = startFleet(options, time);
  const spec = specOf(runbook, options, fleet.places);
  for (const node of spec.nodes) planOf(runbook, spec, node);
  planAfter(runbook, spec);

  let reacting = 0;
  let unanswered: string | undefined;
  const troubles: unknown[] = [];
  const works = startWorks(runbook, fleet.channels, time, (node, event) => {
    reacting += 1;
    const meet = async (): Promise<void> => {
      const answer = await react(options.people ?? {}, fleet, node, event.step, event);
      if (answer === undefined) unanswered = `${node}: ${event.step} asks a person: ${event.instructions}`;
      else if (answer !== null) await works.say({ type: 'answer', by: 'a person', step: event.step, answer, nodes: [node] });
    };
    time.at(
      time.now() + PERSON_MS,
      () =>
        void meet()
          .catch((error: unknown) => troubles.push(error))
          .finally(() => (reacting -= 1)),
    );
  });

  /** What the run itself said last. */
  const lastOf = (from: number): NodeEvent | undefined =>
    works
      .written()
      .slice(from)
      .findLast(({ event }) => event.type === 'run.finished' || event.type === 'run.halted' || event.type === 'run.resumed')?.event;

  const toItsEnd = async (from: number): Promise<Rehearsed> => {
    unanswered = undefined;
    const quiet = (): boolean => reacting === 0 && time.now() - (works.written().at(-1)?.event.at ?? 0) >= QUIET_MS;
    const over = (): boolean => {
      const last = lastOf(from);
      return troubles.length > 0 || unanswered !== undefined || last?.type === 'run.finished' || (last?.type === 'run.halted' && quiet());
    };
    await works.pass(over, durationMs(options.within ?? '48h'));
    const [trouble] = troubles.splice(0);
    if (trouble !== undefined) throw trouble;
    const last = lastOf(from);
    const ended = last?.type === 'run.finished' || last?.type === 'run.halted' ? last : undefined;
    return {
      outcome: unanswered !== undefined ? 'waiting' : ended?.type === 'run.finished' ? ended.outcome : 'halted',
      why: unanswered ?? ended?.why ?? null,
      ...storyOf(
        works.written(),
        from,
        spec.nodes.map(({ name }) => name),
      ),
    };
  };
  const told = async (type: 'replay' | 'rollback'): Promise<Rehearsed> => {
    const from = works.written().length;
    await works.say({ type, by: 'a person' });
    return toItsEnd(from);
  };
  return {
    node: fleet.node,
    setFaults: fleet.setFaults,
    moveAndRestart: fleet.moveAndRestart,
    typed: async (name, text) => {
      let end: string | undefined;
      const typing = fleet.typed(name, text).then((printed) => (end = printed));
      await works.pass(() => end !== undefined, durationMs('1h'));
      return typing;
    },
    run: async () => {
      await works.begin(spec);
      return toItsEnd(0);
    },
    replay: () => told('replay'),
    rollback: () => told('rollback'),
    [Symbol.asyncDispose]: async () => fleet.stop(),
  };
};
