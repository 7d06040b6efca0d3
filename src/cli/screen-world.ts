import { connect } from 'node:net';
import { showAction } from '../core/action.ts';
import { UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM, runNode } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import type { StepContext } from '../core/step.ts';
import { planOfStream } from '../queue/plans.ts';
import type { World } from '../tui/app/world.ts';
import type { StepDetail, WayBack } from '../tui/model.ts';
import type { Saying } from '../tui/ui.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { behind, tailOf } from './follow.ts';
import { person } from './person.ts';
import { say } from './say.ts';
import { wayBack } from './way-back.ts';
import { workersNow } from './workers-now.ts';

const SSH_PORT = 22;
const ANSWERS_MS = 2000;

/** How long it takes until something takes a connection at an address, asked from here; nothing is said to it. */
const roundTrip = async (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host, port, timeout: ANSWERS_MS });
    const end = (ms?: number): void => {
      socket.destroy();
      resolve(ms);
    };
    socket.on('connect', () => end(performance.now() - began));
    socket.on('timeout', () => end());
    socket.on('error', () => end());
  });

const nodeOf = (spec: RunSpec, name: string) => (name === RUN_STREAM ? runNode : spec.nodes.find((one) => one.name === name));

/** What the runbook says of the steps of a node; its actions as far as they were decided on something that was seen. */
const detailsOf = async (
  { station }: Drover,
  runId: string,
  spec: RunSpec,
  name: string,
): Promise<Readonly<Record<string, StepDetail>>> => {
  const plan = planOfStream(await station.runbook(spec.runbook), spec, name);
  const node = nodeOf(spec, name);
  if (!plan || !node) return {};
  const { steps, answers } = fold(await station.journal.read(runId, name));
  const ctx: StepContext = { runId, direction: 'forward', node, answers, awaiting: [] };
  const actions = (item: (typeof plan.items)[number]): readonly string[] => {
    const before = steps[item.step.id]?.baseline ?? steps[item.step.id]?.before;
    return item.step.kind === 'gate' || before === undefined ? [] : item.step.apply(before, ctx).map(showAction);
  };
  return Object.fromEntries(plan.items.map((item) => [item.step.id, { title: item.step.title, actions: actions(item) }]));
};

const wayBackOf = async ({ station }: Drover, runId: string, spec: RunSpec, name: string): Promise<WayBack> => {
  const state = fold(await station.journal.read(runId, name));
  const node = nodeOf(spec, name);
  const plan = planOfStream(await station.runbook(spec.runbook), spec, name);
  if (!plan || !node || state.plan === undefined) return { kind: 'none', why: 'nothing was changed' };
  if (state.plan === 'rollback' && state.outcome !== 'failed')
    return { kind: 'none', why: state.outcome === undefined ? 'it is on its way back' : 'it was taken back already' };
  try {
    const steps = wayBack(plan, state, { runId, node });
    return steps.length === 0 ? { kind: 'none', why: 'nothing was changed' } : { kind: 'steps', steps };
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'none', why: error.message };
    throw error;
  }
};

/** Says one record as the commands do: who is to move again has to belong to this run first. */
const sayOne = async (drover: Drover, runId: string, spec: RunSpec, record: Saying, by: string): Promise<void> => {
  if (record.type === 'replay' || record.type === 'rollback') {
    // loaded when it is needed: the screen opens sooner without
    const { reserveNodes } = await import('./create-run.ts');
    const names = record.nodes ?? spec.nodes.map(({ name }) => name);
    await reserveNodes(
      drover,
      runId,
      names.filter((name) => name !== RUN_STREAM),
      by,
    );
  }
  await say(drover, runId, { ...record, by });
};

/** What the screen sees and does of a run, by the journal. @param working whether this process works on it */
export const screenWorld = async (cli: Cli, drover: Drover, runId: string, spec: RunSpec, working: () => boolean): Promise<World> => {
  const { journal, clock } = drover.station;
  const tail = await tailOf(journal, runId);
  return {
    runId,
    spec,
    before: tail.before,
    follow: (signal) => behind(journal, runId, tail, signal),
    say: async (records) => {
      for (const record of records) await sayOne(drover, runId, spec, record, person(cli));
      if (working() || !records.some(({ type, nodes }) => type === 'cancel' && nodes === undefined)) return;
      const { endHere } = await import('./end-here.ts');
      await endHere(cli, drover, runId);
    },
    output: (node) => journal.readOutput(runId, node),
    details: (node) => detailsOf(drover, runId, spec, node),
    latency: (_node, address) => (spec.ssh.jump === null ? roundTrip(address, spec.ssh.port ?? SSH_PORT) : Promise.resolve(undefined)),
    waysBack: async (nodes) =>
      Object.fromEntries(await Promise.all(nodes.map(async (name) => [name, await wayBackOf(drover, runId, spec, name)] as const))),
    holders: async () => {
      const workers = (await workersNow(drover)).filter(({ pid }) => pid !== process.pid);
      return { here: working(), others: workers.map(({ host, pid }) => `worker ${pid} on ${host}`) };
    },
    now: () => clock.now(),
  };
};
