import { describe, expect, test } from 'vitest';
import migrate from '../../runbooks/migrate-runner-node.ts';
import {
  approval,
  change,
  cordon,
  disruption,
  file,
  kernelModules,
  known,
  nodeReady,
  person,
  preflight,
  reading,
  reboot,
  runbook,
  sh,
  uncordon,
  z,
} from '../../src/index.ts';
import { rehearse } from '../../src/rehearsal/index.ts';

const LIST = '/etc/modules-load.d/sample.conf';
const head = {
  name: 'sample',
  summary: 'A sample.',
  version: 1,
  params: z.object({ text: z.string().default('hello\n') }),
  vars: z.object({}),
  rollout: { canary: 1, soak: '5m', maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
} as const;
const sample = runbook({
  ...head,
  steps: ({ params }) => [
    preflight.modulesExist(['iptable_nat']),
    disruption({
      open: [cordon()],
      inner: [
        file('/etc/motd.d/sample', { content: params.text }),
        kernelModules(['iptable_nat'], { file: LIST }),
        reboot({ within: '15m' }),
      ],
      close: [nodeReady({ within: '5m' }), uncordon()],
    }),
  ],
});

describe('a rehearsal', () => {
  test('takes nodes through a rollout and shows them from outside; a second run touches nothing, and a rollback puts all back', async () => {
    await using rehearsal = await rehearse(sample, { nodes: 3, params: { text: 'hi\n' } });
    const began = performance.now();
    const there = await rehearsal.run();
    expect(there).toMatchObject({ outcome: 'succeeded', why: null, nodes: { 'runner-1': 'succeeded', 'runner-3': 'succeeded' } });
    // canary, soak, then one after another: half a minute for each boot, five for the soak
    expect(there.tookMs).toBeGreaterThan(6.5 * 60_000);
    expect(performance.now() - began).toBeLessThan(there.tookMs / 10);
    expect(there.acted.filter((line) => line.startsWith('runner-1 '))).toEqual([
      'runner-1 cordon',
      'runner-1 file:/etc/motd.d/sample',
      `runner-1 kernel-modules:${LIST}`,
      'runner-1 reboot',
      'runner-1 uncordon',
    ]);
    expect(there.told.join('\n')).toMatch(/\+\d.* runner-2 reboot ✓ /);
    const node = rehearsal.node('runner-2');
    expect([node.bootCount, node.cordoned, node.ready, node.file('/etc/motd.d/sample')?.content]).toEqual([2, false, true, 'hi\n']);
    expect(node.loadedModules).toContain('iptable_nat');

    expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded', acted: [] });
    expect(rehearsal.node('runner-2').bootCount).toBe(2);
  });

  test('takes the last run back, node by node, with its boot', async () => {
    await using rehearsal = await rehearse(sample, { nodes: 2 });
    await rehearsal.run();
    const back = await rehearsal.rollback();
    expect(back).toMatchObject({ outcome: 'rolled-back', nodes: { 'runner-1': 'rolled-back', 'runner-2': 'rolled-back' } });
    const node = rehearsal.node();
    expect([node.bootCount, node.cordoned, node.file('/etc/motd.d/sample'), node.file(LIST)]).toEqual([3, false, undefined, undefined]);
    expect(node.loadedModules).not.toContain('iptable_nat');
  });

  test('shows what a fault leads to, and tries again when it is gone', async () => {
    await using rehearsal = await rehearse(sample, { nodes: 2, faults: { 'runner-1': { modulesNotLoadedAtBoot: ['iptable_nat'] } } });
    const failed = await rehearsal.run();
    expect(failed).toMatchObject({ outcome: 'halted', nodes: { 'runner-1': 'failed', 'runner-2': null } });
    expect([rehearsal.node('runner-1').cordoned, rehearsal.node('runner-2').commands]).toEqual([true, []]);
    rehearsal.setFaults('runner-1', {});
    expect(await rehearsal.replay()).toMatchObject({ outcome: 'succeeded' });
    expect(rehearsal.node('runner-1').cordoned).toBe(false);
  });

  test('refuses as a run does, on all nodes, before anything is touched', async () => {
    const wants = runbook({ ...head, steps: () => [preflight.modulesExist(['no_such_module']), file('/etc/x', { content: 'x' })] });
    await using rehearsal = await rehearse(wants, { nodes: 2 });
    expect(await rehearsal.run()).toMatchObject({ outcome: 'refused', why: expect.stringContaining('no_such_module'), acted: [] });
  });

  test('lets people answer, or do what they are asked for; where nobody knows what to do it says so', async () => {
    const asks = runbook({
      ...head,
      steps: () => [
        approval('start', { question: 'shall it begin?', within: '1h' }),
        person.asked({
          id: 'cable',
          title: 'cable',
          wish: 1,
          within: '1h',
          instructions: (direction) => (direction === 'forward' ? 'plug it in' : 'unplug it'),
          observe: () => reading(sh`test -f /run/cable`, ({ exitCode }) => exitCode),
          unmet: (now) => (now === 0 ? [] : ['it is not plugged in']),
        }),
      ],
    });
    const seen: string[] = [];
    await using rehearsal = await rehearse(asks, {
      people: {
        'approval:start': 'yes',
        cable: async ({ node, direction, instructions }, { typed }) => {
          seen.push(instructions);
          await typed(node, direction === 'forward' ? 'echo 1 > /run/cable' : 'rm /run/cable');
        },
      },
    });
    expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded' });
    expect(await rehearsal.typed('runner-1', 'cat /run/cable')).toBe('1\n');
    expect(await rehearsal.rollback()).toMatchObject({ outcome: 'rolled-back' });
    expect(seen).toEqual(['plug it in', 'unplug it']);

    await using nobody = await rehearse(asks, { people: { 'approval:start': 'yes' } });
    expect(await nobody.run()).toMatchObject({ outcome: 'waiting', why: 'runner-1: cable asks a person: plug it in' });
    await using wrong = await rehearse(asks, { people: { 'approval:start': 'yes', cable: 'done' } });
    await expect(wrong.run()).rejects.toThrow(/step cable takes no answer/);
  });

  test('moves nodes between networks by the hands of a person, guard and all', async () => {
    await using rehearsal = await rehearse(migrate, {
      nodes: 2,
      networks: 'separate',
      params: { gateway: '127.77.1.1' },
      vars: ({ newAddress }) => ({ newAddress }),
      people: { reboot: ({ node, direction }, { moveAndRestart }) => moveAndRestart(node, direction === 'forward' ? 'services' : 'ci') },
    });
    expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded' });
    expect(rehearsal.node('runner-2').addresses).toEqual(['127.77.1.12']);
    expect(await rehearsal.rollback()).toMatchObject({ outcome: 'rolled-back' });
    expect(rehearsal.node('runner-2').addresses).toEqual(['127.77.0.12']);
  });

  test('tells a bug in a runbook as what it is, and one that never ends', async () => {
    const step = {
      id: 'a',
      title: 'a',
      wish: 1,
      observe: () => known(null),
      unmet: (): string[] => ['never'],
      apply: () => [{ via: 'time', until: 'it holds' }] as const,
      rollback: () => [],
    };
    const slow = runbook({ ...head, steps: () => [change({ ...step, within: '3h' })] });
    await using rehearsal = await rehearse(slow, { within: '1h' });
    await expect(rehearsal.run()).rejects.toThrow('did not come to an end in its time');
    const breaks = (): string[] => {
      throw new TypeError('x is undefined');
    };
    await using broken = await rehearse(runbook({ ...head, steps: () => [change({ ...step, unmet: breaks })] }));
    await expect(broken.run()).rejects.toThrow('x is undefined');
  });
});
