import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { type Operator, operator } from './drover.ts';
import { fleet, migrate, settings } from './fleet.ts';

const left: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of left.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});
const begin = async (...args: Parameters<typeof fleet>): Promise<{ sim: Sim; anna: Operator }> => {
  const sim = await fleet(...args);
  const anna = operator(sim);
  left.push(sim, anna);
  return { sim, anna };
};
const machineId = (text: string) => ({ files: { '/etc/machine-id': `${text.repeat(32)}\n` } });
const untouched = (sim: Sim): boolean => sim.names.every((name) => sim.node(name).commands.length === 0);

/** The inventory with other vars or addresses. */
const fleetWith = (sim: Sim, anna: Operator, change: (text: string) => string): string => {
  const path = join(anna.stateDir, 'fleet.yaml');
  writeFileSync(path, change(readFileSync(sim.fleetYaml, 'utf8')));
  return path;
};

describe('machines that cannot be told apart', () => {
  it('are refused before anything is touched, by plan and by run, and one of them alone may go', async () => {
    const { sim, anna } = await begin([
      { name: 'a', labels: { role: 'gitlab-runner' }, ...machineId('7') },
      { name: 'b', labels: { role: 'gitlab-runner' } },
      { name: 'c', labels: { role: 'gitlab-runner' }, ...machineId('7') },
    ]);
    const words = /a and c have the same machine-id 7{32}: clones.*systemd-machine-id-setup.*--exclude c/s;
    const planned = await anna.drover(['plan', 'migrate-runner-node', ...settings(sim)]);
    expect(planned.stdout).toMatch(words);
    expect(planned.exitCode).toBe(2);
    const refused = await anna.drover(migrate(sim));
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(words);
    expect(untouched(sim)).toBe(true);

    expect(await anna.drover(migrate(sim, 'a'))).toMatchObject({ exitCode: 0 });
    // c is not in that run, and a is not in the next: what is known of it counts all the same
    const pinned = await anna.drover(migrate(sim, 'c'));
    expect(pinned.stderr).toMatch(/c and a \(not in this run\) have the same machine-id 7{32}/);
    expect(pinned.exitCode).toBe(2);
    expect(sim.node('c').commands).toEqual([]);
  }, 180_000);
});

describe('a new address', () => {
  it('that somebody else has, or that cannot be right, is refused for all nodes before one is touched', async () => {
    const { sim, anna } = await begin(3);
    await sim.occupy('127.77.1.12');
    const wrong = fleetWith(sim, anna, (text) =>
      // runner-1 is to have what the inventory has for runner-3, runner-3 the broadcast address; runner-2 is as it was
      text
        .replace('newAddress: 127.77.1.11/24', 'newAddress: 127.77.0.13/24')
        .replace('newAddress: 127.77.1.13/24', 'newAddress: 127.77.1.255/24'),
    );
    const plan = async (...more: string[]) => anna.drover(['plan', 'migrate-runner-node', ...settings(sim), '--fleet', wrong, ...more]);
    const { stdout, exitCode } = await plan();
    expect(exitCode).toBe(2);
    for (const line of [
      'runner-1: the gateway 127.77.1.1 is outside of 127.77.0.13/24 (127.77.0.0 to 127.77.0.255)',
      'runner-1 is to move to 127.77.0.13, but a machine on its own network has that address already',
      'runner-1 is to move to 127.77.0.13, which runner-3 has or is to get as well',
      'runner-2 is to move to 127.77.1.12, but a machine on its own network has that address already',
      'runner-2 is to move to 127.77.1.12, but a machine answers there already: find out which, or choose another address (it offered the host key',
      'runner-3: 127.77.1.255/24 is the broadcast address of its network',
    ])
      expect(stdout).toContain(line);
    // where runner-3 is none of the run's, the inventory and the cluster still have it
    expect((await plan('runner-1')).stdout).toContain('runner-1 is to move to 127.77.0.13, which the inventory has for runner-3');
    const ran = await anna.drover(migrate(sim, '--fleet', wrong));
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ran.stderr).toMatch(/nothing was touched/);
    expect(untouched(sim)).toBe(true);
  }, 180_000);

  it('of another Node of the cluster is refused, also where the inventory does not know that one', async () => {
    const { sim, anna } = await begin(2);
    const one = fleetWith(sim, anna, (text) =>
      text.replace(/^ {2}runner-2:.*\n(?: {4}.*\n)*/m, '').replace('newAddress: 127.77.1.11/24', 'newAddress: 127.77.0.12/24'),
    );
    const { stdout, exitCode } = await anna.drover([
      'plan',
      'migrate-runner-node',
      '--set',
      'gateway=127.77.0.1',
      '--set',
      'move=none',
      '--fleet',
      one,
    ]);
    expect(stdout).toContain('runner-1 is to move to 127.77.0.12, which is the InternalIP of runner-2 in the cluster');
    expect(exitCode).toBe(2);
  }, 120_000);

  it('is refused by the run itself when somebody takes it after the plan was agreed to', async () => {
    const { sim, anna } = await begin(2);
    const worker = anna.start(['worker']);
    await worker.printed(/takes up to/);
    worker.child.kill('SIGSTOP');
    const runId = /"run":"(\w+)"/.exec((await anna.drover(migrate(sim, '--detach'))).stdout)?.[1] ?? '';
    await sim.occupy('127.77.1.12');
    worker.child.kill('SIGCONT');
    const ended = await anna.drover(['watch', runId, '--json']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stdout).toMatch(
      /"outcome":"refused","why":"runner-2 is to move to 127\.77\.1\.12, but a machine (on its own network|answers)/,
    );
    expect(untouched(sim)).toBe(true);
    // as soon as it is gone, it may be had
    await sim.occupy('127.77.1.12', false);
    expect((await anna.drover(migrate(sim))).exitCode).toBe(0);
  }, 180_000);
});
