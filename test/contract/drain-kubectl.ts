import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DrainOptions, drain } from '../../src/steps/drain.ts';
import type { apiServerGround } from './drain-api.ts';
import { type Plot, type PodWish, clear, plot } from './drain-ground.ts';

type Ground = Awaited<ReturnType<typeof apiServerGround>>;

/** A world, the flags for kubectl drain, and the same in drover's words. */
type Scenario = {
  readonly title: string;
  readonly pods: readonly PodWish[];
  readonly budgets?: Readonly<Record<string, readonly [labels: Readonly<Record<string, string>>, minAvailable: number]>>;
  readonly flags: readonly string[];
  readonly options: DrainOptions;
};

const agent: PodWish = { name: 'agent-1', owner: 'DaemonSet/agent' };
const orphan: PodWish = { name: 'orphan', owner: 'DaemonSet/gone' };
const cache: PodWish = { name: 'cache', emptyDir: true };
const bare: PodWish = { name: 'bare', owner: null };
const web: PodWish = { name: 'web', labels: { app: 'web' } };
const kept = { keep: [{ app: 'web' }, 1] } as const;

const scenarios: readonly Scenario[] = [
  { title: 'plain pods', pods: [web, { name: 'other' }], flags: [], options: {} },
  { title: 'a pod of a DaemonSet', pods: [web, agent], flags: [], options: {} },
  { title: 'a DaemonSet that is ignored', pods: [web, agent], flags: ['--ignore-daemonsets'], options: { ignoreDaemonSets: true } },
  { title: 'an orphan', pods: [web, orphan], flags: ['--ignore-daemonsets'], options: { ignoreDaemonSets: true } },
  { title: 'an orphan by force', pods: [web, orphan], flags: ['--force'], options: { force: true } },
  { title: 'local data and a bare pod', pods: [web, cache, bare], flags: [], options: {} },
  { title: 'local data that is given up', pods: [web, cache], flags: ['--delete-emptydir-data'], options: { deleteEmptyDir: true } },
  { title: 'a bare pod by force', pods: [bare, cache], flags: ['--force'], options: { force: true } },
  {
    title: 'mirror pods and finished ones',
    pods: [
      { name: 'etcd', owner: null, annotations: { 'kubernetes.io/config.mirror': 'x' } },
      { name: 'done', owner: null, emptyDir: true, phase: 'Succeeded' },
      { name: 'dead', owner: 'DaemonSet/gone', phase: 'Failed' },
    ],
    flags: [],
    options: {},
  },
  {
    title: 'a budget that allows nothing',
    pods: [web, { name: 'other' }],
    budgets: kept,
    flags: ['--timeout=8s'],
    options: { timeout: '8s' },
  },
  {
    title: 'two budgets',
    pods: [{ name: 'web', labels: { app: 'web', tier: 'a' } }, { name: 'other' }],
    budgets: { one: [{ app: 'web' }, 0], two: [{ tier: 'a' }, 0] },
    flags: [],
    options: {},
  },
  { title: 'deletion past a budget', pods: [web], budgets: kept, flags: ['--disable-eviction'], options: { disableEviction: true } },
  { title: 'a selector', pods: [web, { name: 'other' }], flags: ['--pod-selector=app=web'], options: { podSelector: 'app=web' } },
];

/** What is left, whether it went well, and which pods are named as the reason. */
type Result = { readonly ok: boolean; readonly left: readonly string[]; readonly blamed: readonly string[] };

const blamed = (plot: Scenario, words: string): readonly string[] =>
  plot.pods.map(({ name }) => name).filter((name) => new RegExp(`[/"]${name}\\b`).test(words));

const prepare = async (ground: Ground, namespace: string, { pods, budgets = {} }: Scenario): Promise<Plot> => {
  const here = await plot(ground, namespace);
  await here.daemonSet('agent');
  for (const pod of pods) await here.pod(pod);
  for (const [name, [labels, minAvailable]] of Object.entries(budgets)) await here.budget(name, labels, minAvailable);
  return here;
};

const byKubectl = async (assets: string, ground: Ground, here: Plot, scenario: Scenario): Promise<Result> => {
  const args = [`--kubeconfig=${ground.kubeconfig}`, 'drain', 'n1', ...scenario.flags];
  const child = spawn(path.join(assets, 'kubectl'), args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  let over = false;
  const said = text(child.stderr);
  const code = new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1)));
  void code.then(() => (over = true));
  // the kubelets are at work meanwhile
  while (!over) await ground.clock.sleep(2000, new AbortController().signal);
  const errors = (await said).split('\n').filter((line) => line.startsWith('error: unable to drain'));
  return { ok: (await code) === 0, left: await here.on('n1'), blamed: blamed(scenario, errors.join('\n')) };
};

const byDrover = async (here: Plot, scenario: Scenario): Promise<Result> => {
  const { ended, events } = await here.run([drain(scenario.options)]);
  const unmet = events.flatMap((event) => (event.type === 'step.failed' ? event.unmet : []));
  const ok = ended.kind === 'finished' && ended.outcome === 'succeeded';
  return { ok, left: await here.on('n1'), blamed: blamed(scenario, unmet.join('\n')) };
};

/** Drains the same world by kubectl and by drover, and compares what came of it. */
export const kubectlComparison = (assets: string, make: () => Promise<Ground>): void => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await make();
  }, 150_000);
  afterAll(() => ground[Symbol.asyncDispose]());

  describe('kubectl drain and drover', { timeout: 90_000 }, () => {
    for (const [index, scenario] of scenarios.entries())
      test(`leave the same pods and blame the same ones: ${scenario.title}`, async () => {
        const theirs = await byKubectl(assets, ground, await prepare(ground, `kubectl-${index}`, scenario), scenario);
        await clear(ground);
        const ours = await byDrover(await prepare(ground, `drover-${index}`, scenario), scenario);
        await clear(ground);
        expect(ours).toEqual(theirs);
      });
  });
};
