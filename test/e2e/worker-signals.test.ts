import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { eventually } from '../eventually.ts';
import { type Operator, type Running, operator } from './drover.ts';
import { fleet, migrate } from './fleet.ts';
import { type Holders, holdersOf } from './holders.ts';

const PACKAGES = 'packages:open-vm-tools';

/** Two workers over one run of one node, in the middle of a step: who has the node, and who could have it. */
type Scene = AsyncDisposable & {
  readonly sim: Sim;
  readonly anna: Operator;
  readonly run: string;
  readonly holder: Running;
  readonly other: Running;
  readonly watching: Running;
  readonly holders: Holders;
};

const inTheMiddleOf = async (step: string, speed: number): Promise<Scene> => {
  const stack = new AsyncDisposableStack();
  const sim = stack.use(await fleet(1, { speed }));
  const anna = stack.use(operator(sim));
  const workers = [anna.start(['worker']), anna.start(['worker'])] as const;
  for (const worker of workers) await worker.printed(/takes up to/);
  const begun = await anna.drover(migrate(sim, '--detach'));
  const run = /"run":"(\w+)"/.exec(begun.stdout)?.[1] ?? '';
  const watching = anna.start(['watch', run, '--json']);
  await watching.printed(new RegExp(`"type":"step.started","step":"${step}"`), 60_000);
  const holders = stack.use(holdersOf(anna));
  const pid = (await holders.holder('runner-1'))?.pid;
  const [holder, other] = workers[0].child.pid === pid ? workers : [workers[1], workers[0]];
  return { sim, anna, run, holder, other, watching, holders, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

/** Sends a signal to whoever has the node, and measures until another one has written the next event about it. */
const handover = async ({ holder, other, holders, run }: Scene, signal: NodeJS.Signals): Promise<number> => {
  const since = Date.now();
  holder.child.kill(signal);
  const next = await holders.firstBy(other.child.pid ?? 0, run, 'runner-1', since, 30_000);
  console.log(`${signal}: another worker wrote ${next.type} after ${next.at - since} ms`);
  return next.at - since;
};

const packageRuns = (sim: Sim): (number | null)[] =>
  sim
    .node('runner-1')
    .commands.filter(({ step }) => step === PACKAGES)
    .map(({ exitCode }) => exitCode);

describe('a worker', () => {
  it('told to stop finishes the action at hand, and another goes on within 5 s', async () => {
    await using scene = await inTheMiddleOf(PACKAGES, 8);
    expect(await handover(scene, 'SIGTERM')).toBeLessThan(5000);
    expect((await scene.holder.ended).exitCode).toBe(0);
    expect((await scene.watching.ended).exitCode).toBe(0);
    expect(packageRuns(scene.sim)).toEqual([0]);
    expect(scene.sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
  }, 120_000);

  it('told to stop in the middle of a long installation leaves it at work on the node, and another follows it within 5 s', async () => {
    await using scene = await inTheMiddleOf(PACKAGES, 1.5);
    const { holder, other, holders, sim } = scene;
    const since = Date.now();
    holder.child.kill('SIGTERM');
    const left = holder.ended.then(({ exitCode }) => ({ exitCode, after: Date.now() - since }));
    await eventually('another has the node', async () => (await holders.holder('runner-1'))?.pid === other.child.pid);
    const after = Date.now() - since;
    console.log(`SIGTERM in a long installation: another worker had the node after ${after} ms`);
    expect(after).toBeLessThan(5000);
    expect((await left).exitCode).toBe(0);
    expect((await left).after).toBeLessThan(10_000);
    expect((await scene.watching.ended).exitCode).toBe(0);
    expect(packageRuns(sim)).toEqual([0]);
  }, 180_000);

  it('told to stop twice leaves at once', async () => {
    // it takes so long to stop the kubelet that nobody can leave in between
    await using scene = await inTheMiddleOf('service:kubelet:stopped', 0.2);
    scene.holder.child.kill('SIGTERM');
    await scene.holder.printed(/once more ends this at once/);
    const since = Date.now();
    scene.holder.child.kill('SIGTERM');
    const ended = await scene.holder.ended;
    expect(ended, ended.stderr).toMatchObject({ exitCode: 130, signal: null });
    expect(Date.now() - since).toBeLessThan(1000);
  }, 120_000);

  it('that is killed is replaced within 20 s', async () => {
    await using scene = await inTheMiddleOf('service:kubelet:stopped', 8);
    expect(await handover(scene, 'SIGKILL')).toBeLessThan(20_000);
    expect((await scene.watching.ended).exitCode).toBe(0);
    expect(scene.sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
  }, 120_000);

  it('that is frozen at any moment, replaced and revived changes nothing any more', async () => {
    await using scene = await inTheMiddleOf('cordon', 3);
    const workers = [scene.holder, scene.other];
    for (let round = 0; round < 3; round += 1) {
      await wait(Math.random() * 1500);
      const pid = (await scene.holders.holder('runner-1'))?.pid;
      const frozen = workers.find(({ child }) => child.pid === pid);
      const other = workers.find(({ child }) => child.pid !== pid);
      // between two holds, or the run is over
      if (!frozen || !other) continue;
      const since = Date.now();
      frozen.child.kill('SIGSTOP');
      const until = Date.now() + 25_000;
      while (Date.now() < until && (await scene.holders.holder('runner-1'))?.pid !== other.child.pid) await wait(20);
      await wait(Math.random() * 1000);
      frozen.child.kill('SIGCONT');
      console.log(`frozen for ${Date.now() - since} ms`);
    }
    expect((await scene.watching.ended).exitCode).toBe(0);
    const { commands, bootCount, cordoned } = scene.sim.node('runner-1');
    const fences = commands.map(({ fence }) => fence);
    expect(fences).toEqual(fences.toSorted((a, b) => a - b));
    expect(new Set(fences).size).toBeGreaterThan(1);
    expect({ bootCount, cordoned }).toEqual({ bootCount: 2, cordoned: false });
  }, 180_000);
});
