import { describe, it } from 'vitest';
import { type RunDecision, advance } from '../../src/core/advance.ts';
import type { Control, NewControl, NewEvent } from '../../src/core/event.ts';
import { type NodeRun, emptyRun, reduce } from '../../src/core/reduce.ts';
import { type Rollout, windowOf } from '../../src/core/rollout.ts';
import { whatWasSaid } from '../../src/core/said.ts';
import { type Health, isAdmitted } from '../../src/core/standing.ts';
import { seededIds } from '../../src/sim/random.ts';
import { ill, ready, specOf } from './run-state.ts';

type Walk = { readonly seed: number; readonly steps: string[]; readonly last: RunDecision | undefined; readonly broke: string[] };

/** A run whose nodes do what chance says: begin, end in any way, park, turn unhealthy; and people who say anything at any time. */
const walk = (seed: number): Walk => {
  const random = seededIds(seed);
  const pick = <T>(items: readonly T[], otherwise: T): T => items[Math.floor(random.fraction() * items.length)] ?? otherwise;
  const chance = (of: number): boolean => random.fraction() < of;
  const count = 1 + Math.floor(random.fraction() * 7);
  const rollout: Rollout = {
    canary: Math.floor(random.fraction() * Math.min(3, count + 1)),
    maxUnavailable: pick<Rollout['maxUnavailable']>([1, 2, 3, '30%', '100%'], 1),
    maxFailures: pick([0, 0, 1, 3], 0),
    ...(chance(0.4) && { soak: '20s' as const }),
    ...(chance(0.4) && { spread: 'rack' }),
  };
  const spec = specOf(count, rollout);
  const names = spec.nodes.map(({ name }) => name);
  const nodes: Record<string, NodeRun> = Object.fromEntries(names.map((name) => [name, emptyRun]));
  const health: Record<string, Health> = Object.fromEntries(names.map((name) => [name, ready]));
  const records: Control[] = [];
  let run: NodeRun = emptyRun;
  let now = 1_000_000;
  const [steps, broke]: [string[], string[]] = [[], []];
  const tell = (stream: string, event: NewEvent): void => {
    steps.push(`${stream} ${JSON.stringify(event)}`);
    const was = stream === '@run' ? run : (nodes[stream] ?? emptyRun);
    const is = reduce(was, { ...event, seq: was.seq + 1, at: now });
    if (stream === '@run') run = is;
    else nodes[stream] = is;
  };
  const say = (record: NewControl): void => {
    steps.push(`said ${JSON.stringify(record)}`);
    records.push({ ...record, id: `${now}-${records.length}`, at: now });
  };
  const begin = (name: string, plan: 'forward' | 'rollback', control?: string): void =>
    tell(name, { type: 'plan.started', plan, fingerprint: '', outline: [], reset: [], by: 'w', ...(control !== undefined && { control }) });
  /** What a worker would do with a node that was woken. */
  const work = (name: string): void => {
    const node = nodes[name] ?? emptyRun;
    const said = whatWasSaid(run, { [name]: node }, records).said[name];
    const may = isAdmitted(name, node, run);
    if (said && (may || said.type === 'cancel')) {
      const { id: control, by } = said;
      if (said.type === 'cancel') return tell(name, { type: 'node.finished', outcome: 'cancelled', by, control });
      if (said.type === 'pause') return tell(name, { type: 'node.parked', waitsFor: `paused by ${by}`, clears: 'by-word', control });
      if (said.type === 'resume') return tell(name, { type: 'node.resumed', by, control });
      return begin(name, said.type === 'rollback' ? 'rollback' : 'forward', control);
    }
    if (!may) return node.preflight === undefined ? tell(name, { type: 'node.preflighted', unmet: [] }) : undefined;
    if (node.plan === undefined) {
      const heard = records.at(-1)?.id;
      return tell(name, {
        type: 'plan.started',
        plan: 'forward',
        fingerprint: '',
        outline: [],
        reset: [],
        by: 'w',
        ...(heard !== undefined && { heard }),
      });
    }
    if (node.stuck || chance(0.5)) return undefined;
    if (chance(0.1)) return tell(name, { type: 'node.parked', waitsFor: 'a person', clears: 'by-word' });
    if (chance(0.3)) return tell(name, { type: 'bracket.opened', bracket: 'b', before: {} });
    const outcome = chance(0.15) ? 'failed' : node.plan === 'rollback' ? 'rolled-back' : 'succeeded';
    return tell(name, { type: 'node.finished', outcome });
  };
  let last: RunDecision | undefined;
  let quiet = 0;
  for (let turn = 0; turn < 400 && quiet < 60; turn += 1) {
    now += Math.floor(random.fraction() * 5000);
    const noisy = turn < 150;
    if (noisy && chance(0.03)) say({ type: pick(['pause', 'resume', 'cancel', 'rollback'], 'resume'), by: 'anna' });
    if (noisy && chance(0.05)) say({ type: pick(['resume', 'replay', 'rollback'], 'resume'), by: 'bob', nodes: [pick(names, 'n1')] });
    if (noisy && chance(0.05)) health[pick(names, 'n1')] = chance(0.5) ? ill : ready;
    if (turn === 150) for (const name of names) health[name] = ready;
    // after the noise a person clears what waits
    if (turn > 150 && turn % 20 === 0) say({ type: 'resume', by: 'carol' });
    const state = { spec, nodes, run, hasAfter: false, now, health, ...whatWasSaid(run, nodes, records) };
    last = advance(state);
    quiet = last === undefined || last.do === 'halt' ? quiet + 1 : 0;
    if (last?.do === 'admit') {
      const flying = names.filter((name) => isAdmitted(name, nodes[name] ?? emptyRun, run));
      const broken = names.filter((name) => {
        const { outcome, plan, openBrackets } = nodes[name] ?? emptyRun;
        return (outcome === 'failed' || outcome === 'cancelled') && (plan === 'rollback' || openBrackets.length > 0);
      });
      const out = new Set([...flying, ...broken, ...names.filter((name) => health[name]?.ready === false)]);
      const room = windowOf(rollout, count);
      const let_in = Object.keys(last.nodes);
      if (flying.length + let_in.length > room) broke.push(`${turn}: more than ${room} at once`);
      const newlyOut = let_in.filter((name) => !out.has(name));
      if (newlyOut.length > 0 && out.size + newlyOut.length > room) broke.push(`${turn}: more than ${room} out of service`);
      if (let_in.some((name) => flying.includes(name))) broke.push(`${turn}: let in twice`);
      const racks = [...flying, ...let_in].map((name) => spec.nodes.find((node) => node.name === name)?.labels['rack']);
      if (rollout.spread && new Set(racks).size < racks.length) broke.push(`${turn}: two of a rack`);
      if (last.wave === 'rollout' && names.slice(0, rollout.canary).some((name) => nodes[name]?.outcome === undefined))
        broke.push(`${turn}: others before the canaries have ended`);
      if (
        names.some(
          (name) => nodes[name]?.preflight === undefined && nodes[name]?.outcome === undefined && !isAdmitted(name, nodes[name], run),
        )
      )
        broke.push(`${turn}: somebody was not asked first`);
      tell('@run', { type: 'run.wave', wave: last.wave, nodes: last.nodes });
    }
    if (last?.do === 'soak') tell('@run', { type: 'run.soaking', nodes: last.nodes, untilMs: last.untilMs });
    if (last?.do === 'unhealthy') tell('@run', { type: 'run.unhealthy', node: last.node, why: last.why });
    if (last?.do === 'pardon') tell('@run', { type: 'run.resumed', by: 'anna', control: last.said.id });
    if (last?.do === 'halt' && run.halted !== last.why) tell('@run', { type: 'run.halted', why: last.why });
    if (last?.do === 'finish') tell('@run', { type: 'run.finished', outcome: last.outcome });
    if (last?.do === 'work') {
      if (run.halted !== undefined || run.runOutcome !== undefined) tell('@run', { type: 'run.resumed', by: 'w' });
      for (const name of last.nodes) if (chance(0.8)) work(name);
    }
  }
  if (quiet < 60) broke.push(`it comes to no rest: ${JSON.stringify(last)}`);
  return { seed, steps, last, broke };
};

describe('a rollout, whatever nodes and people do', () => {
  it('keeps its bounds at every step, and comes to an end or says what it waits for', () => {
    for (let seed = 1; seed <= 600; seed += 1) {
      const { broke, steps } = walk(seed);
      if (broke.length > 0) throw new Error(`seed ${seed}: ${broke.join(', ')}\n${steps.join('\n')}`);
    }
  }, 60_000);
});
