import { expect, test } from 'vitest';
import { calling, known } from '../../src/core/fact.ts';
import { type Change, change, disruption } from '../../src/core/step.ts';
import { type ClusterNode, clusterNode, nodePath } from '../../src/facts/cluster-node.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { cordon, uncordon } from '../../src/steps/cordon.ts';
import { drain } from '../../src/steps/drain.ts';
import { holdOnce, plot } from '../contract/drain-ground.ts';
import { simulatedGround } from '../contract/drain-sim.ts';
import { toldBy } from './means.ts';

const never = new AbortController().signal;

/** An object of its own in the cluster, there or not. */
const marked = (path: string): Change =>
  change<boolean>({
    id: 'marked',
    title: 'marked',
    wish: true,
    observe: () => calling({ via: 'kubernetes', method: 'GET', path: `${path}/mark` }, ({ status }) => status === 200),
    unmet: (now) => (now ? [] : ['there is no mark']),
    apply: () => [{ via: 'kubernetes', method: 'POST', path, body: { metadata: { name: 'mark' } } }],
    rollback: () => [{ via: 'kubernetes', method: 'DELETE', path: `${path}/mark` }],
  });
const broken = change<null>({
  id: 'broken',
  title: 'holds',
  wish: 1,
  within: '10s',
  observe: () => known(null),
  unmet: () => ['it never holds'],
  apply: () => [{ via: 'time', until: 'it holds' }],
  rollback: () => [],
});

test('a drained node is drained again when a pod slips in while a change inside waits, and its way back takes no pod back', async () => {
  await using ground = await simulatedGround();
  const here = await plot(ground, 'ci');
  const call = (method: 'PATCH' | 'GET', body?: { spec: { unschedulable: boolean } }) =>
    ground.cluster.call({ via: 'kubernetes', method, path: nodePath('n1'), ...(body && { body }) }, { signal: never, timeoutMs: 1000 });
  await call('PATCH', { spec: { unschedulable: false } });
  await here.pod({ name: 'first', owner: null });
  const path = '/apis/coordination.k8s.io/v1/namespaces/ci/leases';
  const steps = [disruption({ open: [cordon(), drain({ force: true })], inner: [marked(path), broken], close: [uncordon()] })];
  const journal = memoryJournal(() => ground.clock.now());
  let slipped = false;
  for (let turn = 1; turn < 100; turn += 1) {
    const ended = await holdOnce(ground, journal, steps, turn, undefined, 'rollback');
    const events = await journal.read('r1', 'n1');
    // somebody binds a pod to the cordoned node while the change waits inside
    if (!slipped && events.some((event) => event.type === 'step.started' && event.step === 'broken')) {
      slipped = true;
      await here.pod({ name: 'second', owner: null });
    }
    if (ended.kind === 'waiting' && ended.wakeInMs !== null) await ground.clock.sleep(ended.wakeInMs, never);
    else {
      expect(ended).toEqual({ kind: 'finished', outcome: 'rolled-back' });
      break;
    }
  }
  const told = toldBy(await journal.read('r1', 'n1'));
  const failed = told.indexOf('step.failed broken');
  const [there, back] = [told.slice(told.indexOf('step.started broken'), failed), told.slice(failed + 1)];
  expect(there.filter((line) => line.endsWith(' drain'))).toEqual(['step.started drain', 'step.verified drain']);
  // opened again before anything inside is taken back; nothing of the drain itself is
  expect(back.filter((line) => line.includes('drain'))).toEqual(['step.skipped undo.reopen.drain']);
  expect(back.indexOf('step.skipped undo.reopen.drain')).toBeLessThan(back.indexOf('step.started undo.marked'));
  expect(back.slice(-2)).toEqual(['step.verified undo.cordon', 'node.finished']);
  expect(await here.on('n1')).toEqual([]);
  const fact = clusterNode('n1');
  const now: ClusterNode = fact.parse(await call('GET'));
  expect(now).toMatchObject({ unschedulable: false, owner: null });
});

test('what came to a node while somebody had uncordoned it is drained before anything inside goes on', async () => {
  await using ground = await simulatedGround();
  const here = await plot(ground, 'ci');
  const call = (unschedulable: boolean) =>
    ground.cluster.call(
      { via: 'kubernetes', method: 'PATCH', path: nodePath('n1'), body: { spec: { unschedulable } } },
      { signal: never, timeoutMs: 1000 },
    );
  await call(false);
  let isTime = false;
  const waits: Change = { ...broken, id: 'waits', unmet: () => (isTime ? [] : ['it is not time']) };
  const inner = [waits, marked('/apis/coordination.k8s.io/v1/namespaces/ci/leases')];
  const steps = [disruption({ open: [cordon(), drain({ force: true })], inner, close: [uncordon()] })];
  const journal = memoryJournal(() => ground.clock.now());
  for (let turn = 1; turn < 100; turn += 1) {
    const ended = await holdOnce(ground, journal, steps, turn, undefined, 'rollback');
    if (ended.kind !== 'waiting' || ended.wakeInMs === null) {
      expect(ended).toEqual({ kind: 'finished', outcome: 'succeeded' });
      break;
    }
    if (!isTime) {
      isTime = true;
      await call(false);
      await here.pod({ name: 'came', owner: null });
    }
    await ground.clock.sleep(ended.wakeInMs, never);
  }
  const told = toldBy(await journal.read('r1', 'n1'));
  expect(told.filter((line) => /^step\.started (cordon|drain|marked)$/.test(line))).toEqual([
    'step.started cordon',
    // found undone, and done again
    'step.started cordon',
    'step.started cordon',
    'step.started drain',
    'step.started marked',
  ]);
  expect(told.indexOf('step.verified drain')).toBeLessThan(told.indexOf('step.started marked'));
});
