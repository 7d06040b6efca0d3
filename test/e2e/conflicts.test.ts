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
  }, 60_000);
});

/** The inventory with other vars or addresses. */
const fleetWith = (sim: Sim, anna: Operator, change: (text: string) => string): string => {
  const path = join(anna.stateDir, 'fleet.yaml');
  writeFileSync(path, change(readFileSync(sim.fleetYaml, 'utf8')));
  return path;
};
