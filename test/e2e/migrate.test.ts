import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { linesOf, operator } from './drover.ts';
import { fleet, migrate } from './fleet.ts';

const revision = (sim: Sim): number => sim.releases.all.get('gitlab-runner/gitlab-runner')?.revisions.length ?? 0;

describe('migrate-runner-node from the command line', () => {
  it('moves a node, proves it on the new boot, and finds nothing to do the second time', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const plan = await anna.drover(['plan', 'migrate-runner-node', '--set', `gateway=${sim.gateway}`, '--set', 'move=none']);
    expect(plan).toMatchObject({ exitCode: 0, stderr: '' });
    expect(plan.stdout).toContain('do     systemctl reboot');
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 1, commands: [], cordoned: false });

    const first = await anna.drover(migrate(sim));
    expect(first.stderr).toBe('');
    expect(first.exitCode).toBe(0);
    expect(linesOf(first).at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    const moved = sim.node('runner-1');
    expect(moved).toMatchObject({ bootCount: 2, addresses: ['127.77.1.11'], cordoned: false, ready: true });
    expect(moved.loadedModules).toEqual(expect.arrayContaining(['iptable_nat', 'iptable_filter']));
    expect(revision(sim)).toBe(2);

    const second = await anna.drover(migrate(sim));
    expect(second.exitCode).toBe(0);
    expect(second.stderr).toContain('runner-1 answers at 127.77.1.11, not at 127.77.0.11: the inventory is out of date');
    expect(linesOf(second).filter(({ type }) => type === 'step.started')).toEqual([]);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, commands: moved.commands });
    expect(revision(sim)).toBe(2);
  }, 60_000);

  it('goes back by itself when the modules do not load on the new boot', async () => {
    await using sim = await fleet(1, { faults: { 'runner-1': { modulesNotLoadedAtBoot: ['iptable_nat'] } } });
    await using anna = operator(sim);
    const before =
      sim.node('runner-1').file('/etc/sysconfig/network-scripts/ifcfg-ens192') ??
      sim.node('runner-1').file('/etc/NetworkManager/system-connections/ens192.nmconnection');
    const ended = await anna.drover(migrate(sim, '--on-failure', 'rollback'));
    expect(ended.exitCode).toBe(3);
    const back = sim.node('runner-1');
    expect(back).toMatchObject({ bootCount: 3, addresses: ['127.77.0.11'], cordoned: false, ready: true });
    expect(back.file('/etc/modules-load.d/iptable_nat.conf')).toBeUndefined();
    expect(
      back.file('/etc/sysconfig/network-scripts/ifcfg-ens192') ?? back.file('/etc/NetworkManager/system-connections/ens192.nmconnection'),
    ).toEqual(before);
    expect(back.packages).not.toContain('open-vm-tools');
    expect(revision(sim)).toBe(1);
    expect(linesOf(ended).findLast(({ type }) => type === 'step.verified')).toMatchObject({ step: 'undo.cordon' });
  }, 90_000);

  it('stops at the first node that fails, and replay goes on from there once the cause is gone', async () => {
    await using sim = await fleet(2, { faults: { 'runner-1': { modulesNotLoadedAtBoot: ['iptable_nat'] } } });
    await using anna = operator(sim);
    const failed = await anna.drover(migrate(sim));
    expect(failed.exitCode).toBe(4);
    expect(linesOf(failed).at(-1)).toMatchObject({ type: 'run.halted', why: expect.stringContaining('runner-1 (failed)') });
    expect(sim.node('runner-1').cordoned).toBe(true);
    expect(sim.node('runner-2')).toMatchObject({ bootCount: 1, commands: [] });
    const runId = linesOf(failed)[0]?.run ?? '';

    sim.setFaults('runner-1', {});
    const replayed = await anna.drover(['replay', runId, '--yes', '--json']);
    expect(replayed.stderr).toBe('');
    expect(replayed.exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 3, cordoned: false });
    expect(sim.node('runner-2')).toMatchObject({ bootCount: 2, cordoned: false });
    expect(revision(sim)).toBe(2);
  }, 90_000);

  it('takes a whole run back after it has ended: helm first, then one node after another, the last one first', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const runId = linesOf(await anna.drover(migrate(sim, '--max-unavailable', '1')))[0]?.run ?? '';
    const back = await anna.drover(['rollback', runId, '--yes', '--json']);
    expect(back.exitCode).toBe(3);
    for (const [index, name] of sim.names.entries()) {
      expect(sim.node(name)).toMatchObject({ bootCount: 3, addresses: [`127.77.0.${11 + index}`], cordoned: false });
    }
    const order = linesOf(back).filter(({ type }) => type === 'plan.started' || type === 'node.finished');
    expect(order.map(({ node, type }) => `${node} ${type}`)).toEqual(
      ['@run', 'runner-2', 'runner-1'].flatMap((name) => [`${name} plan.started`, `${name} node.finished`]),
    );
    expect(revision(sim)).toBe(3);
  }, 90_000);

  it('is finished by a new worker when the one that reboots the node is killed: one reboot', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const run = anna.start(migrate(sim));
    const runId = await run.printed(/"run":"(\w+)"/);
    await run.printed(/"type":"step.started","step":"reboot"/, 30_000);
    run.child.kill('SIGKILL');
    await run.ended;
    const resumed = await anna.drover(['resume', runId, '--json']);
    expect(resumed.exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false, addresses: ['127.77.1.11'] });
  }, 90_000);

  it('goes on when the private Redis is killed under it, and loses nothing', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const run = anna.start(migrate(sim));
    await run.printed(/"type":"step.started","step":"cordon"/, 30_000);
    const { readFileSync } = await import('node:fs');
    process.kill(Number(readFileSync(`${anna.stateDir}/state/redis/redis.pid`, 'utf8')), 'SIGKILL');
    const ended = await run.ended;
    expect(ended.exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
  }, 120_000);

  it('pauses between two actions for another operator, and goes on when told', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const run = anna.start(migrate(sim));
    const runId = await run.printed(/"run":"(\w+)"/);
    expect((await anna.drover(['pause', runId])).exitCode).toBe(0);
    const paused = await run.ended;
    expect(paused.exitCode).toBe(4);
    const commands = sim.node('runner-1').commands.length;
    await wait(300);
    expect(sim.node('runner-1').commands).toHaveLength(commands);
    expect((await anna.drover(['resume', runId, '--json'])).exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
    // what comes after the nodes begins when they are done, and not because somebody said something to the whole run
    const told = linesOf(await anna.drover(['show', runId, '--json']));
    const at = (node: string, type: string): number => Number(told.find((line) => line.node === node && line.type === type)?.['at']);
    expect(at('@run', 'step.started')).toBeGreaterThanOrEqual(at('runner-1', 'node.finished'));
  }, 90_000);
});
