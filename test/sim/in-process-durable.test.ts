import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type NodeCommand, sh } from '../../src/core/command.ts';
import type { Clock, Guard } from '../../src/core/ports.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { addNode, advance, createWorld } from '../../src/sim/world.ts';
import { START } from './box.ts';

/** A clock that goes to the next sleeper's time when nothing else is left to do. */
const virtualClock = () => {
  let at = START;
  const sleepers = new Set<{ readonly at: number; wake(): void }>();
  const clock: Clock = {
    now: () => at,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          at: at + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        if (signal.aborted) return resolve();
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake, { once: true });
      }),
  };
  const drive = async <T>(work: Promise<T>, each: () => void): Promise<T> => {
    let over = false;
    void work.finally(() => (over = true)).catch(() => undefined);
    for (;;) {
      await turn();
      if (over) return work;
      const [first] = [...sleepers].toSorted((a, b) => a.at - b.at);
      if (!first) throw new Error('nothing is left to do');
      at = Math.max(at, first.at);
      each();
      first.wake();
    }
  };
  return { clock, drive };
};

const install: NodeCommand = { ...sh`dnf -y install open-vm-tools`, durable: true };
const call = { signal: new AbortController().signal, timeoutMs: 60_000 };

test('a durable command outlives the process that follows it, in virtual time, and is followed by the next one', async () => {
  const { clock, drive } = virtualClock();
  const world = createWorld({ timings: timingsAt(1), networks: [{ name: 'a', subnets: ['10.77.0.0/24'] }] });
  const machine = addNode(world, { name: 'n1', address: '10.77.0.11/24', gateway: '10.77.0.1', network: 'a' }, clock.now());
  const step = (name?: string): void => {
    if (name !== undefined) world.touched.add(name);
    advance(world, clock.now());
  };
  const sim = { world, clock, silentMs: 5000, turn: step };
  const target = { name: 'n1', addresses: ['10.77.0.11'], identity: null };
  const went = <T>(work: Promise<T>): Promise<T> => drive(work, step);

  const first = inProcessChannel('n1', sim);
  const { bootId } = await went(first.hello(target, call));
  const guard: Guard = { fence: 1, run: 'r1', step: 's', attempt: 1, bootId };
  const stop = new AbortController();
  void clock.sleep(2000, call.signal).then(() => stop.abort());
  const cut = await went(first.write(install, guard, [], { ...call, signal: stop.signal }));
  expect(cut.performed).toEqual({ kind: 'unknown', why: `${install.masked} was let go` });
  expect(machine.packages.installed.has('open-vm-tools')).toBe(false);

  const next = inProcessChannel('n1', sim);
  await went(next.hello(target, call));
  const lines: string[] = [];
  const onLine = (line: string): number => lines.push(line);
  const followed = await went(next.attach(install, { ...guard, fence: 2 }, [sh`echo read`], { ...call, onLine }));
  expect(followed.performed).toMatchObject({ kind: 'exited', result: { exitCode: 0 } });
  expect(followed.reads).toMatchObject([{ stdout: 'read\n' }]);
  expect(lines).toContain('Complete!');
  expect(machine.commands).toMatchObject([{ fence: 1, exitCode: 0 }]);

  const late = await went(next.write({ ...sh`sleep 600`, durable: true }, { ...guard, fence: 2, step: 'late' }, [], call));
  expect(late.performed).toMatchObject({ kind: 'unknown', late: true });
  expect(machine.durable).toBeNull();
  const other = next.write({ ...sh`sleep 60`, durable: true }, { ...guard, fence: 2, step: 'other' }, [], call);
  await turn();
  expect(await went(first.halt({ ...guard, fence: 3 }, call))).toMatchObject({ kind: 'exited' });
  expect((await went(other)).performed.kind).toBe('unknown');
});
