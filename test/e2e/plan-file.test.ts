import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { onNode, patchNode } from './by-hand.ts';
import { type Ended, type Operator, linesOf, operator } from './drover.ts';
import { fleet, settings } from './fleet.ts';
import { MOTD, motd } from './motd.ts';

const PLAN = ['run', '--plan', 'friday.plan', '--yes', '--json'];
const planned = async (anna: Operator, ...words: readonly string[]): Promise<string> => {
  const plan = await anna.drover(['plan', ...words, '--out', 'friday.plan'], { SUDO_USER: 'planner' });
  expect(plan.stderr).toBe('');
  expect(plan.exitCode).toBe(0);
  return join(anna.stateDir, 'friday.plan');
};
const untouched = (sim: Sim): void => {
  for (const name of sim.names) expect(sim.node(name)).toMatchObject({ commands: [], bootCount: 1 });
};
const refused = (ended: Ended, ...says: readonly RegExp[]): void => {
  for (const words of says) expect(ended.stderr).toMatch(words);
  expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ended.stderr).not.toMatch(/\n\s+at .*:\d+:\d+|a bug in drover/);
};

describe('a plan in a file', () => {
  it('is for nobody else to read, has no secret, and runs exactly what was planned, also after what does not matter has changed', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const steps = `change({ id: 'secret', title: 'secret', wish: 1,
      observe: () => reading(sh\`cat /etc/token\`, ({ exitCode }) => exitCode),
      unmet: (now) => (now === 0 ? [] : ['no token']),
      apply: () => [sh\`echo \${secret({ env: 'DROVER_TEST_TOKEN' })} > /etc/token\`],
      rollback: () => [sh\`rm /etc/token\`] })`;
    const runbook = motd(anna, { steps });
    const env = { DROVER_TEST_TOKEN: 'hunter2hunter2' };
    const plan = await anna.drover(['plan', runbook, 'runner-2', 'runner-1', '--max-unavailable', '100%', '--out', 'friday.plan'], {
      ...env,
      SUDO_USER: 'planner',
    });
    expect(plan.stdout).toContain('rollout: at most 2 of 2 at once (100%): runner-2, runner-1');
    const path = join(anna.stateDir, 'friday.plan');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('hunter2');

    // a heartbeat, a label, some bytes on the disk
    await patchNode(sim, 'runner-1', { metadata: { labels: { seen: 'today' } } });
    await onNode(sim, '127.77.0.11', 'printf x > /var/tmp/x');
    const ended = await anna.drover(PLAN, { ...env, SUDO_USER: 'approver' });
    expect(ended.stderr).toMatch(/plan \w{8} of friday\.plan, planned by planner at .*: nothing that matters has changed since/);
    expect(ended.exitCode).toBe(0);
    const first = linesOf(ended)[0];
    expect(first).toMatchObject({
      type: 'run.started',
      by: 'approver',
      spec: { nodes: [{ name: 'runner-2' }, { name: 'runner-1' }], rollout: { maxUnavailable: '100%' }, approved: { by: 'planner' } },
    });
    expect(sim.node('runner-1').file('/etc/motd.d/drover')?.content).toBe('hello\n');
    const show = await anna.drover(['show', first?.run ?? '']);
    expect(show.stdout).toMatch(/plan \w{8}, planned by planner at .*\n.*\(by approver, by plan \w{8} of planner\)/);
  }, 60_000);

  it('is refused, with what changed on which node and step, when a node is not what was approved', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    await planned(anna, 'migrate-runner-node', ...settings(sim));
    await patchNode(sim, 'runner-1', { metadata: { labels: { seen: 'today' } } });
    await onNode(sim, '127.77.0.11', 'systemctl stop kubelet');
    await patchNode(sim, 'runner-2', { spec: { unschedulable: true } });
    await onNode(sim, '127.77.0.12', 'nmcli connection modify ens192 ipv4.gateway 127.77.0.9');
    const ended = await anna.drover(PLAN);
    refused(
      ended,
      /friday\.plan \(planned by planner at .*\) is not how things are any more; before → now:/,
      /runner-1: service:kubelet:stopped: was to be done because kubelet is active \(running\) → is as wished/,
      /runner-2: cordon: unschedulable: false → true/,
      /runner-2: address:ens192: profiles.*127\.77\.0\.9/,
      /nothing was touched/,
    );
    expect(ended.stderr).not.toMatch(/resourceVersion|runner-1: cordon/);
    untouched(sim);
  }, 60_000);

  it('is refused when a node was rebooted since, or its runbook lays out something else', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const path = await planned(anna, motd(anna));
    motd(anna, { text: 'something else' });
    refused(
      await anna.drover(PLAN),
      /runbook motd is not what was approved.*runner-1: step file:\/etc\/motd\.d\/drover wished .* and now wishes/,
    );
    writeFileSync(join(anna.stateDir, 'motd.ts'), readFileSync(motd(anna), 'utf8').replace('version: 1', 'version: 2'));
    refused(await anna.drover(PLAN), /it was version 1 and now is 2/);
    motd(anna);
    sim.vcenter.reset('runner-1');
    await expect.poll(() => sim.node('runner-1').ready && sim.node('runner-1').bootCount, { timeout: 20_000 }).toBe(2);
    refused(await anna.drover(PLAN), /runner-1: was rebooted since: boot \w{4}… → \w{4}…/);
    expect(sim.node('runner-1').file(MOTD.replace('file:', ''))).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toContain('"drover-plan": 1');
  }, 60_000);

  it('is refused when the file was edited, cut off, or is none; and beside anything else that says what to run', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const path = await planned(anna, motd(anna));
    const text = readFileSync(path, 'utf8');
    const cases: readonly (readonly [string, RegExp])[] = [
      [text.replace('"maxUnavailable": 1', '"maxUnavailable": 9'), /was changed after it was planned \(its checksum does not fit\)/],
      [text.slice(0, -200), /ends in the middle, or is damaged/],
      [text.replace('"drover-plan": 1', '"drover-plan": 2'), /of another version of drover \(form 2, this one reads 1\)/],
      ['nodes: {}\n', /friday\.plan is no plan of drover: drover plan RUNBOOK --out FILE/],
      ['{}', /friday\.plan is no plan of drover/],
      ['', /friday\.plan is no plan of drover/],
    ];
    for (const [content, says] of cases) {
      writeFileSync(path, content);
      refused(await anna.drover(PLAN), says);
    }
    refused(await anna.drover(['run', '--plan', 'none.plan', '--yes']), /the plan none\.plan cannot be read \(ENOENT\)/);
    writeFileSync(path, text);
    refused(
      await anna.drover([...PLAN, '--set', 'broken=runner-1', '--max-unavailable', '2']),
      /--set, --max-unavailable cannot be said beside it/,
    );
    refused(await anna.drover([...PLAN, 'motd']), /motd cannot be said beside it/);
    refused(await anna.drover(['run']), /RUNBOOK is missing/);
    refused(
      await anna.drover(['plan', motd(anna), '--out', '/nowhere/x.plan', '--json']).then((one) => ({ ...one, stdout: '' })),
      /cannot be written to \/nowhere\/x\.plan: ENOENT/,
    );
    untouched(sim);
  }, 60_000);

  it('is not written when something speaks against it', async () => {
    await using sim = await fleet(1, { faults: { 'runner-1': { diskFull: true } } });
    await using anna = operator(sim);
    const ended = await anna.drover(['plan', motd(anna), '--out', 'friday.plan']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('no plan was written: what is refused cannot be approved');
    expect(ended.stdout).toContain('is full');
    expect(() => statSync(join(anna.stateDir, 'friday.plan'))).toThrow('ENOENT');
  }, 60_000);
});
