import { afterEach, describe, expect, test } from 'vitest';
import { sshChannel } from '../../src/channels/ssh/channel.ts';
import { type NodeCommand, sh } from '../../src/core/command.ts';
import type { Guard, NodeChannel } from '../../src/core/ports.ts';
import { type Sim, type SimOptions, startSim } from '../../src/sim/index.ts';
import { eventually } from '../eventually.ts';

const call = { signal: new AbortController().signal, timeoutMs: 10_000 };
const target = { name: 'runner-1', addresses: ['127.77.0.11'], identity: null };
const install: NodeCommand = { ...sh`echo ${"it's"} begun; dnf -y install open-vm-tools`, durable: true };
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

type Setup = { readonly sim: Sim; readonly channel: NodeChannel; guard(fence: number, step?: string): Guard };

/** A package takes 0.6 s here, a boot 1.5 s. */
const setUp = async (options: Partial<SimOptions> = {}): Promise<Setup> => {
  const sim = await startSim({ nodes: 1, speed: 20, networks: 'shared', ...options });
  const settings = { user: 'ops', port: sim.sshPort, jump: null, identityFile: sim.identityFile, knownHosts: sim.knownHosts };
  const channel = sshChannel({ settings, name: 'runner-1', home: sim.dir, agent: undefined });
  open.push(sim, channel);
  const { bootId } = await channel.hello(target, call);
  return { sim, channel, guard: (fence, step = 'packages') => ({ fence, run: 'run-1', step, attempt: 1, bootId }) };
};

describe('durable commands on a simulated node', () => {
  test.each(['during', 'after'] as const)('are not lost with a connection that is severed %s them', async (when) => {
    const { sim, channel, guard } = await setUp({ faults: { 'runner-1': { sever: { command: 1, when } } } });
    expect((await channel.write(install, guard(1), [], call)).performed.kind).toBe('unknown');
    expect(sim.node('runner-1').packages.includes('open-vm-tools')).toBe(when === 'after');
    await channel.hello(target, call);
    expect((await channel.attach(install, guard(2), [], call)).performed).toMatchObject({
      kind: 'exited',
      result: { exitCode: 0, stdout: expect.stringMatching(/^it's begun\n[^]*open-vm-tools[^]*Complete!\n$/) },
    });
    expect(sim.node('runner-1').packages).toContain('open-vm-tools');
    expect(sim.node('runner-1').commands).toMatchObject([{ fence: 1, exitCode: 0, text: install.text }]);
  });

  test('go on by themselves while nobody is connected', async () => {
    const { sim, channel, guard } = await setUp({ faults: { 'runner-1': { sever: { command: 1, when: 'during' } } } });
    await channel.write(install, guard(1), [], call);
    await eventually('it ends', () => sim.node('runner-1').packages.includes('open-vm-tools'));
  });

  test('are gone without an exit status after a boot', async () => {
    const { sim, channel, guard } = await setUp({ faults: { 'runner-1': { sever: { command: 1, when: 'during' } } } });
    await channel.write(install, guard(1), [], call);
    sim.vcenter.reset('runner-1');
    await eventually('the node has booted', () => sim.node('runner-1').bootCount === 2);
    channel.drop();
    const { bootId } = await eventually('it answers', async () => channel.hello(target, call).catch(() => undefined));
    expect((await channel.attach(install, { ...guard(2), bootId }, [], call)).performed).toEqual({
      kind: 'refused',
      why: 'absent',
      detail: 'it is gone without an exit status',
    });
    expect(sim.node('runner-1').packages).not.toContain('open-vm-tools');
  });

  test('are ended by a halt, and by a newer worker with another step', async () => {
    for (const way of ['halt', 'step'] as const) {
      const { sim, channel, guard } = await setUp();
      const running = channel.write(install, guard(1), [], call);
      await eventually('it runs', () => sim.node('runner-1').commands.length === 1);
      if (way === 'halt') expect(await channel.halt(guard(1), call)).toMatchObject({ kind: 'exited' });
      else expect((await channel.write(sh`true`, guard(2, 'other'), [], call)).performed).toMatchObject({ kind: 'exited' });
      expect((await running).performed.kind).not.toBe('exited');
      expect((await channel.attach(install, guard(3), [], call)).performed).toMatchObject({ why: 'absent' });
      expect(sim.node('runner-1').packages).not.toContain('open-vm-tools');
    }
  });

  test('run attached where systemd is not at work: what cuts the connection leaves nothing to follow', async () => {
    const { channel, guard } = await setUp({ faults: { 'runner-1': { noSystemd: true, sever: { command: 1, when: 'after' } } } });
    await channel.write(install, guard(1), [], call);
    await channel.hello(target, call);
    expect((await channel.attach(install, guard(2), [], call)).performed).toMatchObject({
      why: 'absent',
      detail: 'nothing of it is there',
    });
  });
});
