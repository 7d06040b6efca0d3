import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Leases, Take } from '../../src/queue/lease.ts';
import { until } from './private-redis.ts';

/** A node that nobody has leased yet. */
export const name = (): string => `node-${randomUUID().slice(0, 8)}`;
/** The fence of a lease that was taken. */
export const fenceOf = async (taking: ReturnType<Leases['take']>): Promise<number> => {
  const taken = await taking;
  if (taken.kind !== 'taken') throw new Error(`held by ${taken.by}`);
  return taken.fence;
};

/** Two views of the same leases, as two processes have them. */
export type Open = () => Promise<{ readonly here: Leases; readonly there: Leases } & AsyncDisposable>;

/** What all leases must keep to, wherever they are kept. */
export const leaseContract = (kept: string, open: Open): void => {
  describe(`leases in ${kept}`, () => {
    let opened: Awaited<ReturnType<Open>>;
    let here: Leases;
    let there: Leases;
    beforeAll(async () => {
      opened = await open();
      ({ here, there } = opened);
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    test('gives a lease to one owner and tells the next who has it and for how long', async () => {
      const node = name();
      expect(await here.take(node, 'a', 5000)).toEqual({ kind: 'taken', fence: 1, unclaimed: false });
      const second = await there.take(node, 'b', 5000);
      expect(second).toEqual({ kind: 'held', by: 'a', forMs: expect.any(Number) });
      if (second.kind === 'held') expect(second.forMs > 0 && second.forMs <= 5000).toBe(true);
    });

    test('refuses a second lease to the same owner, because two turns of one worker are two', async () => {
      const node = name();
      await here.take(node, 'a', 5000);
      expect(await here.take(node, 'a', 5000)).toMatchObject({ kind: 'held', by: 'a' });
    });

    test('raises the fence at every take, also after release, and never below what the node has stored', async () => {
      const node = name();
      const fences: number[] = [];
      for (const atLeast of [0, 0, 41, 7]) {
        const fence = await fenceOf(here.take(node, 'a', 5000, atLeast));
        fences.push(fence);
        await here.release(node, 'a', fence);
      }
      expect(fences).toEqual([1, 2, 42, 43]);
    });

    test('counts the fence of each node by itself', async () => {
      const [one, other] = [name(), name()];
      await here.take(one, 'a', 5000, 100);
      expect(await fenceOf(here.take(other, 'a', 5000))).toBe(1);
    });

    test('tells that a lease ran out under its owner, until the node was claimed', async () => {
      const node = name();
      await here.take(node, 'a', 1);
      const takes: Take[] = [];
      await until(async () => takes.push(await here.take(node, 'b', 5000)) > 0 && takes.at(-1)?.kind === 'taken');
      expect(takes.at(-1)).toEqual({ kind: 'taken', fence: 2, unclaimed: true });
      // who gives it back without having reached the node leaves that to the next
      await here.release(node, 'b', 2);
      expect(await here.take(node, 'c', 5000)).toMatchObject({ fence: 3, unclaimed: true });
      await here.claimed(node, 'b', 2);
      await here.claimed(node, 'c', 3);
      await here.release(node, 'c', 3);
      expect(await here.take(node, 'd', 5000)).toMatchObject({ fence: 4, unclaimed: false });
    });

    test('lets exactly one of many racing owners have it', async () => {
      const node = name();
      const owners = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? here : there).take(node, `owner-${index}`, 5000));
      const kinds = (await Promise.all(owners)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'taken')).toHaveLength(1);
    });

    test('lets a lease run out, and the next owner has a higher fence', async () => {
      const node = name();
      const first = await fenceOf(here.take(node, 'a', 80));
      const since = performance.now();
      await until(async () => (await there.take(node, 'b', 5000)).kind === 'taken');
      expect(performance.now() - since).toBeGreaterThan(40);
      expect(await here.renew(node, 'a', first, 5000)).toBe(false);
      expect(await there.renew(node, 'b', first + 1, 5000)).toBe(true);
    });

    test('keeps a lease that is renewed in time', async () => {
      const node = name();
      const fence = await fenceOf(here.take(node, 'a', 200));
      const end = performance.now() + 500;
      await until(async () => {
        expect(await here.renew(node, 'a', fence, 200)).toBe(true);
        expect((await there.take(node, 'b', 200)).kind).toBe('held');
        return performance.now() > end;
      });
    });

    test('renews a lease that ran out while nobody else took it: the owner was frozen, but still is the newest', async () => {
      const node = name();
      const fence = await fenceOf(here.take(node, 'a', 1));
      const end = performance.now() + 20;
      await until(() => performance.now() > end);
      expect(await here.renew(node, 'a', fence, 5000)).toBe(true);
      expect((await there.take(node, 'b', 5000)).kind).toBe('held');
    });

    test('takes a lease back only from its owner, with its fence', async () => {
      const node = name();
      const fence = await fenceOf(here.take(node, 'a', 5000));
      await there.release(node, 'b', fence);
      await there.release(node, 'a', fence - 1);
      expect((await there.take(node, 'b', 5000)).kind).toBe('held');
      await here.release(node, 'a', fence);
      expect(await here.renew(node, 'a', fence, 5000)).toBe(false);
      expect((await there.take(node, 'b', 5000)).kind).toBe('taken');
    });

    test('reserves a node for one run, and tells the next whose it is', async () => {
      const node = name();
      expect(await here.reserve(node, 'r1', 'ann')).toEqual({ kind: 'reserved' });
      expect(await here.reserve(node, 'r1', 'ann')).toEqual({ kind: 'reserved' });
      const second = await there.reserve(node, 'r2', 'bob');
      expect(second).toEqual({ kind: 'taken', run: 'r1', by: 'ann', sinceMs: expect.any(Number) });
      expect(await here.reservation(node)).toEqual({ run: 'r1', by: 'ann', sinceMs: second.kind === 'taken' ? second.sinceMs : 0 });
      expect(Math.abs(Date.now() - (second.kind === 'taken' ? second.sinceMs : 0))).toBeLessThan(10_000);
    });

    test('lets one of two racing runs reserve a node', async () => {
      const node = name();
      const both = await Promise.all([here.reserve(node, 'r1', 'ann'), there.reserve(node, 'r2', 'bob')]);
      expect(both.map(({ kind }) => kind).toSorted()).toEqual(['reserved', 'taken']);
    });

    test('frees a node only for the run that has it', async () => {
      const node = name();
      await here.reserve(node, 'r1', 'ann');
      await here.giveBack(node, 'r2');
      expect(await here.reservation(node)).toMatchObject({ run: 'r1' });
      await here.giveBack(node, 'r1');
      expect(await here.reservation(node)).toBeNull();
      expect(await here.reserve(node, 'r2', 'bob')).toEqual({ kind: 'reserved' });
    });

    test('keeps runs off a node that a person holds, and names who and why', async () => {
      const node = name();
      expect(await here.held(node)).toBeNull();
      const hold = await here.hold(node, 'ann', 'disk is being changed');
      expect(hold).toEqual({ by: 'ann', why: 'disk is being changed', sinceMs: expect.any(Number) });
      expect(await there.held(node)).toEqual(hold);
      expect(await there.reserve(node, 'r1', 'bob')).toEqual({ kind: 'held', ...hold });
      expect(await there.reservation(node)).toBeNull();
      expect(await here.unhold(node)).toBe(true);
      expect(await here.unhold(node)).toBe(false);
      expect(await there.reserve(node, 'r1', 'bob')).toEqual({ kind: 'reserved' });
    });

    test('keeps the first hold when another person holds the node too, and lets its owner change the reason', async () => {
      const node = name();
      const first = await here.hold(node, 'ann', 'disk');
      expect(await here.hold(node, 'bob', 'network')).toEqual(first);
      expect(await here.hold(node, 'ann', 'disk and fan')).toEqual({ ...first, why: 'disk and fan' });
    });

    test('leaves a run its node when a person holds it later', async () => {
      const node = name();
      await here.reserve(node, 'r1', 'ann');
      await here.hold(node, 'bob', 'wait');
      expect(await here.reserve(node, 'r1', 'ann')).toEqual({ kind: 'reserved' });
      expect(await here.reserve(node, 'r2', 'ann')).toMatchObject({ kind: 'taken', run: 'r1' });
    });
  });
};
