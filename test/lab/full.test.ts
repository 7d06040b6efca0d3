import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { walkBoth } from './both.ts';
import { kubectl } from './control-plane.ts';
import { type Lab, startLab } from './lab.ts';
import { type Picture, expectBack, expectMigrated, expectUntouched, expectUpgraded, picture } from './picture.ts';
import { buildDrover, expectEnd, kernelStarted, migrate, runOf, runWithinMs, startWorker } from './runs.ts';
import type { Bridges } from './topology.ts';
import { poll } from './wait.ts';

// The longer cases. Each has a lab of its own unless nothing may change in it.

const sum: { readonly title: string; readonly state: string; readonly seconds: number }[] = [];
let began = 0;
beforeAll(buildDrover);
beforeEach(() => {
  began = performance.now();
});
afterEach(({ task }) => {
  sum.push({ title: task.name, state: task.result?.state ?? 'unknown', seconds: Math.round((performance.now() - began) / 1000) });
});
afterAll(() => {
  const lines = sum.map(({ title, state, seconds }) => `  ${state.padEnd(6)} ${String(seconds).padStart(4)} s  ${title}`);
  const passed = sum.filter(({ state }) => state === 'pass').length;
  const total = sum.reduce((seconds, one) => seconds + one.seconds, 0);
  process.stdout.write(`\nlab:full\n${lines.join('\n')}\n  ${passed} of ${sum.length} cases passed, ${total} s\n\n`);
});

const begin = async (nodes: number, bridges: Bridges): Promise<{ readonly lab: Lab; readonly before: Picture }> => {
  const lab = await startLab({ nodes, bridges });
  return { lab, before: await picture(lab, 'n1', nodes) };
};
const ready = '--yes --json'.split(' ');

describe('the person', () => {
  test('may shut the guest down and start it again on the other subnet', async () => {
    const { lab, before } = await begin(1, 'two');
    await using _ = lab;
    const running = lab.droverSpawn(migrate('run', ['n1'], 'person', ...ready));
    await running.event('asked to move', runWithinMs, ({ type }) => type === 'step.asked');
    await lab.moveVm('n1', 'b');
    await lab.resetVm('n1', 'power-cycle');
    expectEnd(await running.ended, 0, 'succeeded');
    expectMigrated(before, await picture(lab, 'n1'));
  });

  test('may restart the machine before moving it: one boot, and drover finds it once it is moved', async () => {
    const { lab, before } = await begin(1, 'two');
    await using _ = lab;
    const running = lab.droverSpawn(migrate('run', ['n1'], 'person', ...ready));
    await running.event('asked to move', runWithinMs, ({ type }) => type === 'step.asked');
    await lab.node('n1').read('sync');
    await lab.resetVm('n1');
    await kernelStarted(lab, 'n1', before.kernels + 1);
    await expect(lab.node('n1').ssh('true', 60_000), 'it waits on the wrong network').rejects.toThrow(/not within/);
    await lab.moveVm('n1', 'b');
    expectEnd(await running.ended, 0, 'succeeded');
    expectMigrated(before, await picture(lab, 'n1'));
  });

  test('moves it back when a finished run is rolled back', async () => {
    const { lab, before } = await begin(1, 'two');
    await using _ = lab;
    const running = lab.droverSpawn(migrate('run', ['n1'], 'person', ...ready));
    await running.event('asked to move', runWithinMs, ({ type }) => type === 'step.asked');
    await lab.moveVm('n1', 'b');
    await lab.resetVm('n1');
    const result = await running.ended;
    expectEnd(result, 0, 'succeeded');
    const back = lab.droverSpawn(['rollback', runOf(result), ...ready]);
    await back.event('asked to move back', runWithinMs, ({ type }) => type === 'step.asked');
    await lab.moveVm('n1', 'a');
    await lab.resetVm('n1');
    expectEnd(await back.ended, 3, 'rolled-back');
    expectBack(before, await picture(lab, 'n1'), 2);
  });
});

describe('a fleet and its workload', () => {
  test('takes two nodes one after the other, never both out of service', async () => {
    const { lab, before } = await begin(2, 'one');
    await using _ = lab;
    const other = await picture(lab, 'n2', 2);
    const running = lab.droverSpawn(migrate('run', ['n1', 'n2'], 'none', '--soak', '20s', ...ready));
    let ended = false;
    const result = running.ended.finally(() => (ended = true));
    const most = { cordoned: 0 };
    await poll('the run ends', { withinMs: 2 * runWithinMs, everyMs: 500 }, async () => {
      const { stdout } = await kubectl(lab.place, ['get', 'node', '-o', 'jsonpath={.items[*].spec.unschedulable}']);
      most.cordoned = Math.max(most.cordoned, stdout.split(' ').filter((word) => word === 'true').length);
      return ended ? true : undefined;
    });
    expect(most.cordoned).toBe(1);
    expectEnd(await result, 0, 'succeeded');
    const after = await picture(lab, 'n1', 2);
    expectMigrated(before, after);
    expectMigrated(other, await picture(lab, 'n2', 2));
    expectUpgraded(before.release, after.release, runOf(await result), ['n1', 'n2']);
  });

  test('waits while somebody else installs a package', async () => {
    const { lab, before } = await begin(1, 'one');
    await using _ = lab;
    await lab.node('n1').read('echo 120 > /run/lab-slow; systemd-run --unit=slow apt-get install -y lab-slow');
    expectEnd(await lab.drover(migrate('run', ['n1'], 'none', ...ready), { withinMs: runWithinMs }), 0, 'succeeded');
    expectMigrated(before, await picture(lab, 'n1'));
  });
});

test('drover’s facts see the same of a virtual machine as of a simulated Debian 12, fresh, changed and changed back', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'one' });
  const { real, simulated } = await walkBoth(lab, { changes: true });
  expect(simulated).toEqual(real);
});

describe('a worker that is killed with -9', () => {
  const moments: readonly { readonly when: string; readonly reached: (lab: Lab) => Promise<boolean> }[] = [
    {
      when: 'when the node has just been cordoned',
      reached: async (lab) => (await kubectl(lab.place, ['get', 'node', 'n1', '-o', 'jsonpath={.spec.unschedulable}'])).stdout === 'true',
    },
    {
      when: 'while a package is being installed',
      reached: async (lab) => (await lab.node('n1').ssh('pgrep -x apt-get')).exitCode === 0,
    },
    {
      when: 'when the node begins to shut down',
      reached: async (lab) =>
        (
          await lab
            .node('n1')
            .ssh('systemctl is-system-running', 1000)
            .catch(() => undefined)
        )?.stdout.trim() !== 'running',
    },
  ];
  test.for(moments)('leaves a run that a new worker finishes, with one boot: $when', async ({ when, reached }) => {
    const { lab, before } = await begin(1, 'one');
    await using _ = lab;
    await using first = await startWorker(lab);
    const run = runOf(await lab.drover(migrate('run', ['n1'], 'none', '--detach', ...ready), { withinMs: 180_000 }));
    await poll(when, { withinMs: runWithinMs, everyMs: 100 }, async () => ((await reached(lab)) ? true : undefined));
    first.kill('SIGKILL');
    await first.ended;
    await using _second = await startWorker(lab);
    expectEnd(await lab.drover(['watch', run, '--json'], { withinMs: runWithinMs }), 0, 'succeeded');
    const after = await picture(lab, 'n1');
    expectMigrated(before, after);
    expectUpgraded(before.release, after.release, run, ['n1']);
  });
});

describe('what is refused before anything is touched', () => {
  let lab: Lab;
  let before: Picture;
  beforeAll(async () => {
    ({ lab, before } = await begin(1, 'one'));
  });
  afterAll(() => lab.stop());

  const edited = async (file: string, edit: (text: string) => string, work: () => Promise<void>): Promise<void> => {
    const was = await readFile(file, 'utf8');
    await writeFile(file, edit(was));
    try {
      await work();
    } finally {
      await writeFile(file, was);
    }
  };
  const refused = async (args: readonly string[], words: RegExp, env: Readonly<Record<string, string>> = {}): Promise<void> => {
    const { exitCode, stdout, stderr } = await lab.drover(args, { env, withinMs: 180_000 });
    expect(exitCode).toBe(2);
    expect(`${stdout}${stderr}`).toMatch(words);
    expect(`${stdout}${stderr}`, 'no stack').not.toMatch(/^\s+at .*:\d+:\d+/m);
    expectUntouched(before, await picture(lab, 'n1'));
  };
  const run = migrate('run', ['n1'], 'none', ...ready);
  const knownHosts = (): string => path.join(lab.account.env['HOME'] ?? '', '.ssh/known_hosts');

  test('a module that does not exist, with the one that was meant', () =>
    refused(
      run.map((word) => word.replace('"iptable_nat"', '"iptables_nat"')),
      /iptables_nat.*did you mean iptable_nat/s,
    ));
  test('a node that is not in the inventory', () => refused(migrate('run', ['n7'], 'none', ...ready), /n7/));
  test('an unknown host key, with the line to add', () =>
    edited(
      knownHosts(),
      () => '',
      () => refused(run, /SHA256:.*ssh-ed25519 AAAA/s),
    ));
  test('a changed host key, with its fingerprint', () =>
    edited(
      knownHosts(),
      (text) => text.replace(/(.{12})$/m, 'A'.repeat(12)),
      () => refused(run, /SHA256:/),
    ));
  test('a user without sudo', () =>
    edited(
      lab.account.fleet,
      (text) => text.replace('user: ops', 'user: nosudo'),
      () => refused(run, /sudo/),
    ));
  test('a user whom the node does not know', () =>
    edited(
      lab.account.fleet,
      (text) => text.replace('user: ops', 'user: nobody'),
      () => refused(run, /nobody|log in|authenticat/i),
    ));
  test('a var that is missing, with its line', () =>
    edited(
      lab.account.fleet,
      (text) => text.replace(/\n +vars:\n.*newAddress.*/, ''),
      () => refused(run, /fleet\.yaml:\d+.*newAddress/s),
    ));
  test('a kubeconfig that is not there', () => refused(run, /kubeconfig/i, { KUBECONFIG: '/nonexistent' }));
  test('a Redis that does not answer, as trouble of drover', async () => {
    const { exitCode, stdout, stderr } = await lab.drover(run, { env: { REDIS_URL: 'redis://127.0.0.1:1' }, withinMs: 180_000 });
    expect(exitCode).toBe(5);
    expect(`${stdout}${stderr}`).toMatch(/redis/i);
    expectUntouched(before, await picture(lab, 'n1'));
  });
  test('a node whose disk is full where drover keeps its intents', async () => {
    const node = lab.node('n1');
    // a small file system of its own: on a full root the kubelet would evict pods, and that is another story
    await node.read(
      'mkdir /var/lib/drover && mount -t tmpfs -o size=64k full /var/lib/drover; dd if=/dev/zero of=/var/lib/drover/filler; df /var/lib/drover',
    );
    try {
      const { exitCode, stdout, stderr } = await lab.drover(run, { withinMs: 180_000 });
      expect(exitCode).toBe(2);
      expect(`${stdout}${stderr}`).toMatch(/no space|full|disk/i);
    } finally {
      await node.read('umount /var/lib/drover && rmdir /var/lib/drover');
    }
    expectUntouched(before, await picture(lab, 'n1'));
  });
});
