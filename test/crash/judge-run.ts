import { durationMs } from '../../src/core/duration.ts';
import type { RunSpec } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import { LEASE_MS } from '../../src/queue/station.ts';
import type { Notebook } from './notebook.ts';

/** Where a node stands, for counting: without drover's own words for it. */
type Count = {
  state: 'fresh' | 'moving' | 'ended';
  outcome: string;
  begun: boolean;
  open: boolean;
  back: boolean;
  unreachable: boolean;
  endedAt: number;
  preflight: boolean;
  round: number;
};

/** What Kubernetes told a moment before may have changed since. */
const LAG_MS = 1500;

const limit = ({ rollout, nodes }: RunSpec): number => {
  const { maxUnavailable } = rollout;
  const wanted =
    typeof maxUnavailable === 'number' ? maxUnavailable : Math.floor((Number(maxUnavailable.slice(0, -1)) * nodes.length) / 100);
  return Math.max(1, wanted);
};

/** From the look at the nodes on which a wave is decided until it is written: a few round trips to Redis. */
const DECIDED_MS = 250;

/** Counts again, from nothing but the events in the order they were written, whether each node was allowed to begin. */
export const judgeRollout = (
  book: Notebook,
  runId: string,
  spec: RunSpec,
  unready: (node: string, from: number, to: number) => 'never' | 'a while' | 'always',
  frozenMs: (process: string, from: number, to: number) => number,
): string[] => {
  const wrong: string[] = [];
  const nodes = new Map<string, Count>(
    spec.nodes.map(({ name }) => [
      name,
      { state: 'fresh', outcome: '', begun: false, open: false, back: false, unreachable: false, endedAt: 0, preflight: false, round: 0 },
    ]),
  );
  const rack = new Map(
    spec.nodes.map(({ name, labels }) => [name, spec.rollout.spread === undefined ? undefined : labels[spec.rollout.spread]]),
  );
  const ill = new Set<string>();
  const out = (count: Count): boolean =>
    count.state === 'moving' ||
    (count.state === 'ended' && (count.outcome === 'failed' || count.outcome === 'cancelled') && (count.open || count.back));
  const failed = (name: string, count: Count): boolean =>
    ill.has(name) || (count.state === 'ended' ? count.begun && count.outcome !== 'succeeded' : count.unreachable);
  for (const { run, stream, event, by } of book.written) {
    if (run !== runId) continue;
    if (stream === RUN_STREAM) {
      if (event.type === 'run.unhealthy') ill.add(event.node);
      if (event.type === 'run.resumed' && event.control !== undefined) ill.clear();
      if (event.type !== 'run.wave') continue;
      const beginning = Object.keys(event.nodes);
      if (event.wave === 'canary' || event.wave === 'rollout') {
        // a word of a node that came while this was being decided could not be known
        const failures = [...nodes].filter(([name, count]) => failed(name, count) && event.at - count.endedAt > DECIDED_MS).length;
        if (failures > spec.rollout.maxFailures)
          wrong.push(`${beginning.join(', ')} began though ${failures} had failed, more than ${spec.rollout.maxFailures}`);
        for (const [name, count] of nodes)
          if (!count.preflight && count.state === 'fresh')
            wrong.push(`${beginning.join(', ')} began before the gates of ${name} had been asked`);
      }
      if (event.wave === 'rollout') {
        const canaries = spec.nodes.slice(0, spec.rollout.canary).map(({ name }) => name);
        for (const name of canaries) {
          const count = nodes.get(name);
          if (!count || (count.outcome === 'cancelled' && !count.begun)) continue;
          if (count.outcome !== 'succeeded') wrong.push(`${beginning.join(', ')} began before the canary ${name} had succeeded`);
          else if (spec.rollout.soak !== undefined && event.at < count.endedAt + durationMs(spec.rollout.soak))
            wrong.push(`${beginning.join(', ')} began before the canary ${name} had soaked`);
        }
      }
      // who was frozen between asking and writing writes what was so then; no later than until their lease is over
      const lagMs = LAG_MS + frozenMs(by, event.at - LEASE_MS, event.at);
      for (const name of beginning) {
        const others = [...nodes].filter(
          ([other, count]) => other !== name && (out(count) || unready(other, event.at - lagMs, event.at) === 'always'),
        );
        const itself = nodes.get(name);
        const already = itself !== undefined && (out(itself) || unready(name, event.at - lagMs, event.at) !== 'never');
        if (!already && others.length >= limit(spec))
          wrong.push(`${name} began though ${others.map(([other]) => other).join(', ')} were out of service, and ${limit(spec)} may be`);
        const moving = [...nodes.values()].filter(({ state }) => state === 'moving').length;
        if (moving >= limit(spec)) wrong.push(`${name} began as number ${moving + 1} at once, and ${limit(spec)} may`);
        const same = others.find(([other]) => rack.get(name) !== undefined && rack.get(other) === rack.get(name));
        if (same) wrong.push(`${name} began while ${same[0]} of the same rack was out of service`);
        const count = nodes.get(name);
        if (count) Object.assign(count, { state: 'moving' });
      }
      continue;
    }
    const count = nodes.get(stream);
    if (!count) continue;
    if (event.type === 'node.preflighted') count.preflight = true;
    else if (event.type === 'plan.started') {
      if (count.state !== 'moving') wrong.push(`${stream} began (${event.plan}) without being admitted`);
      Object.assign(count, {
        begun: true,
        back: event.plan === 'rollback',
        ...(event.plan === 'rollback' || event.reset.length > 0 ? { open: false } : {}),
      });
    } else if (event.type === 'bracket.opened') count.open = true;
    else if (event.type === 'node.parked') count.unreachable = event.unreachable === true;
    else if (event.type === 'node.resumed') count.unreachable = false;
    else if (event.type === 'node.finished')
      Object.assign(count, { state: 'ended', outcome: event.outcome, endedAt: event.at, unreachable: false });
  }
  return wrong;
};
