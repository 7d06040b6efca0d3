import { type RunDecision, advance } from '../core/advance.ts';
import type { NewEvent, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { whatWasSaid } from '../core/said.ts';
import type { RunState } from '../core/standing.ts';
import { atOnce } from './at-once.ts';
import { askHealth, asksKubernetes } from './health.ts';
import { holdStream } from './hold.ts';
import { note } from './note.ts';
import { planAfter, planOfStream } from './plans.ts';
import type { Station } from './station.ts';
import { tellPeople } from './tell-people.ts';
import { wakeMany } from './wake-many.ts';

/** A run is looked at this often even when nobody wakes it, so that nothing that was lost stays lost. */
const EVERY_MS = 2000;

/** After somebody else decided for the run: long enough for their word to be there. */
const BEATEN_MS = 200;

/** The event that a decision is written down as; undefined for what is done, or waited for, and not written. */
const eventOf = (decision: RunDecision): NewEvent | undefined => {
  switch (decision.do) {
    case 'admit':
      return { type: 'run.wave', wave: decision.wave, nodes: decision.nodes };
    case 'soak':
      return { type: 'run.soaking', nodes: decision.nodes, untilMs: decision.untilMs };
    case 'unhealthy':
      return { type: 'run.unhealthy', node: decision.node, why: decision.why };
    case 'pardon':
      return { type: 'run.resumed', by: decision.said.by, control: decision.said.id };
    case 'halt':
      return { type: 'run.halted', why: decision.why };
    case 'finish':
      return { type: 'run.finished', outcome: decision.outcome, ...(decision.why !== undefined && { why: decision.why }) };
    case 'work':
    case 'ask-health':
    case 'wait':
    case 'after':
      return undefined;
  }
};

/** Reads what `advance` looks at, and asks Kubernetes only where the decision needs it. */
const decide = async (
  station: Station,
  runId: string,
  signal: AbortSignal,
): Promise<{ readonly state: RunState; readonly decision: RunDecision | undefined } | undefined> => {
  const all = await station.views.all(runId);
  if (!all) return undefined;
  const { spec, run, nodes, records } = all;
  const runbook = await station.runbook(spec.runbook);
  const hasAfter = planAfter(runbook, spec).items.length > 0;
  const state: RunState = { spec, run, nodes, hasAfter, now: station.clock.now(), ...whatWasSaid(run, nodes, records) };
  const decision = advance(state);
  if (decision?.do !== 'ask-health') return { state, decision };
  const [first] = spec.nodes;
  const plan = first && planOfStream(runbook, spec, first.name);
  const inCluster = first !== undefined && plan !== undefined && asksKubernetes(plan, first);
  const health = inCluster ? await askHealth(station.channels(runId, spec), spec, signal) : null;
  const informed = { ...state, health, now: station.clock.now() };
  return { state: informed, decision: advance(informed) };
};

/** One look at a run and what follows from it, then people are told; says in how many ms to look again, null when it has ended. */
export const turnOfRun = async (station: Station, runId: string, signal: AbortSignal): Promise<number | null> => {
  const againMs = await decidedTurn(station, runId, signal);
  if (againMs !== null) await tellPeople(station, runId, signal);
  return againMs;
};

const decidedTurn = async (station: Station, runId: string, signal: AbortSignal): Promise<number | null> => {
  const decided = await decide(station, runId, signal);
  if (!decided) return null;
  const { decision, state } = decided;
  const { run, spec } = state;
  // where somebody else was faster, their decision counts
  const again = async (event: NewEvent): Promise<number> => ((await note(station, runId, signal, run.seq, event)) ? 0 : BEATEN_MS);
  if (decision === undefined) {
    await giveBack(station, runId, spec);
    await station.leave(runId);
    station.views.forget(runId);
    return null;
  }
  const goesOn = decision.do === 'work' || decision.do === 'admit' || decision.do === 'after' || decision.do === 'soak';
  if (goesOn && (run.runOutcome !== undefined || run.halted !== undefined)) {
    return again({ type: 'run.resumed', by: station.owner });
  }
  if (decision.do === 'halt') await wakeMany(station, runId, decision.nodes, state);
  if (decision.do === 'halt' && run.halted === decision.why) return EVERY_MS;
  // first, because whoever sees the run end may begin the next one with these nodes
  if (decision.do === 'finish') await giveBack(station, runId, spec);
  const event = eventOf(decision);
  if (event) return again(event);
  switch (decision.do) {
    case 'work':
      await wakeMany(station, runId, decision.nodes, state);
      return EVERY_MS;
    case 'after': {
      const held = await holdStream(station, runId, spec, RUN_STREAM, signal, () => true);
      return held.kind === 'waiting' ? (held.wakeInMs ?? EVERY_MS) : held.kind === 'busy' ? EVERY_MS : 0;
    }
    default:
      return EVERY_MS;
  }
};

/** The run has ended: its nodes are free for other runs. */
const giveBack = async (station: Station, runId: string, { nodes }: RunSpec): Promise<void> => {
  await atOnce(nodes, async ({ name }) => station.leases.giveBack(name, runId));
};
