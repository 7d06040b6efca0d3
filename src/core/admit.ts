import { durationMs } from './duration.ts';
import type { Wave } from './event.ts';
import { windowOf } from './rollout.ts';
import { type RunState, type Standing, failureOf } from './standing.ts';

/** Who may begin now, or why nobody may. */
export type Admission =
  | { readonly kind: 'admit'; readonly wave: Wave; readonly nodes: readonly string[] }
  /** Kubernetes has to be asked first. */
  | { readonly kind: 'ask-health' }
  | { readonly kind: 'soak'; readonly nodes: readonly string[]; readonly untilMs: number }
  | { readonly kind: 'unhealthy'; readonly node: string; readonly why: string }
  /** Somebody would begin, but for this. `byItself`: it may pass without a person. */
  | { readonly kind: 'blocked'; readonly why: string; readonly byItself: boolean }
  /** Nobody is left who would begin. */
  | { readonly kind: 'none' };

/** The nodes that go first and alone; one that a person took out before it began is none of them. */
const canariesOf = ({ spec, nodes }: RunState): readonly string[] =>
  spec.nodes
    .slice(0, spec.rollout.canary)
    .map(({ name }) => name)
    .filter((name) => nodes[name]?.outcome !== 'cancelled' || nodes[name].plan !== undefined);

/** What holds back all that have not begun: failures, a canary that did not succeed, or canaries that have to soak. */
const heldBack = (state: RunState, { failures, fresh, moving }: Standing): Admission | undefined => {
  const { spec, nodes, run, health, now } = state;
  const { rollout } = spec;
  if (failures.length > rollout.maxFailures) {
    const all = failures.map((name) => `${name} (${failureOf(name, state)})`).join(', ');
    return { kind: 'blocked', byItself: false, why: `max-failures ${rollout.maxFailures} is passed, nothing new begins: ${all}` };
  }
  const canaries = canariesOf(state);
  const bad = canaries.find((name) => failures.includes(name));
  if (bad !== undefined)
    return { kind: 'blocked', byItself: moving.includes(bad), why: `the canary ${bad} did not succeed: ${failureOf(bad, state)}` };
  const others = fresh.filter((name) => !canaries.includes(name));
  if (canaries.length === 0 || others.length === 0 || rollout.soak === undefined) return undefined;
  if (canaries.some((name) => nodes[name]?.outcome !== 'succeeded')) return undefined;
  const untilMs = Math.max(...canaries.map((name) => nodes[name]?.endedAt ?? 0)) + durationMs(rollout.soak);
  if (run.soakUntil !== untilMs) return { kind: 'soak', nodes: canaries, untilMs };
  if (now < untilMs && health === undefined) return { kind: 'ask-health' };
  const ill = now < untilMs ? canaries.find((name) => health?.[name]?.ready === false) : undefined;
  if (ill !== undefined) return { kind: 'unhealthy', node: ill, why: `unhealthy while it soaked: ${health?.[ill]?.why ?? 'not Ready'}` };
  if (now < untilMs) return { kind: 'blocked', byItself: true, why: `${canaries.join(', ')} soak${canaries.length === 1 ? 's' : ''}` };
  return undefined;
};

/** Who may begin for the first time: while a canary has not succeeded, only canaries. */
const freshOf = (state: RunState, { fresh }: Standing): readonly string[] => {
  if (state.back) return [];
  const canaries = canariesOf(state);
  const allDone = canaries.every((name) => state.nodes[name]?.outcome === 'succeeded');
  return allDone ? fresh : fresh.filter((name) => canaries.includes(name));
};

/** Takes as many candidates, in their order, as the window and the spread have room for. */
const fitting = (state: RunState, standing: Standing, candidates: readonly string[]): readonly string[] => {
  const { spec, health } = state;
  const room = windowOf(spec.rollout, spec.nodes.length);
  const notReady = spec.nodes.map(({ name }) => name).filter((name) => health?.[name]?.ready === false);
  const out = new Set([...standing.disturbed, ...notReady]);
  const { spread } = spec.rollout;
  const labels = new Map(spread === undefined ? [] : spec.nodes.map((node) => [node.name, node.labels[spread]]));
  /** Who of each label is out of service. */
  const outOf = Map.groupBy(out, (name) => labels.get(name));
  const taken: string[] = [];
  for (const name of candidates) {
    if (standing.inFlight.length + taken.length >= room) break;
    // one that is out of service already makes nothing worse
    if (!out.has(name) && out.size >= room) continue;
    const own = labels.get(name);
    const same = outOf.get(own) ?? [];
    if (own !== undefined && same.some((other) => other !== name)) continue;
    taken.push(name);
    out.add(name);
    outOf.set(own, [...same, name]);
  }
  return taken;
};

/** Who is in the way of all candidates, in words. */
const inTheWay = ({ spec, nodes, health }: RunState, { disturbed }: Standing): string => {
  const out = new Set(disturbed);
  const reasons = spec.nodes.flatMap(({ name }) => {
    const node = nodes[name];
    if (out.has(name)) return [`${name}: ${node?.parked ?? node?.outcome ?? 'under way'}`];
    const state = health?.[name];
    return state?.ready === false ? [`${name}: ${state.why}`] : [];
  });
  return `blocked by ${reasons.join('; ')}`;
};

/**
 * Decides who may begin now: what a person wants once more comes first, then who has not begun, in the order of the run, never more at once
 * than `maxUnavailable` allows, never two with the same `spread` label, canaries first and alone, nobody past `maxFailures`.
 */
export const admission = (state: RunState, standing: Standing): Admission => {
  const { nodes, health, said } = state;
  const held = standing.fresh.length > 0 && !state.back ? heldBack(state, standing) : undefined;
  const fresh = held === undefined ? freshOf(state, standing) : [];
  const candidates = [...standing.again, ...fresh];
  if (candidates.length === 0) {
    if (held !== undefined) return held;
    const [paused] = state.back ? [] : standing.paused;
    if (paused === undefined) return { kind: 'none' };
    return { kind: 'blocked', byItself: false, why: `paused by ${said[paused]?.by ?? 'somebody'} before ${standing.paused.join(', ')}` };
  }
  const room = windowOf(state.spec.rollout, state.spec.nodes.length) - standing.inFlight.length;
  if (room > 0 && health === undefined) return { kind: 'ask-health' };
  const blind = room > 0 && health ? Object.entries(health).find(([, { ready }]) => ready === 'unknown') : undefined;
  if (blind)
    return { kind: 'blocked', byItself: true, why: `nobody begins before Kubernetes tells which nodes are Ready: ${blind[1].why}` };
  const taken = fitting(state, standing, candidates);
  const [first] = taken;
  if (first === undefined) return { kind: 'blocked', byItself: standing.disturbed.length === 0, why: inTheWay(state, standing) };
  const waveOf = (name: string): Wave => {
    const word = nodes[name]?.outcome === undefined ? undefined : said[name]?.type;
    if (word === 'replay' || word === 'rollback') return word;
    return canariesOf(state).includes(name) ? 'canary' : 'rollout';
  };
  const wave = waveOf(first);
  return { kind: 'admit', wave, nodes: taken.filter((name) => waveOf(name) === wave) };
};
