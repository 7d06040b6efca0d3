import { afterEach, describe, expect, test } from 'vitest';
import { sshChannel } from '../../src/channels/ssh/channel.ts';
import { sh, withStdin } from '../../src/core/command.ts';
import type { Guard, Hello, NodeChannel } from '../../src/core/ports.ts';
import { type Sim, type SimOptions, startSim } from '../../src/sim/index.ts';
import { eventually } from '../eventually.ts';

const call = { signal: new AbortController().signal, timeoutMs: 10_000 };
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

type Setup = { readonly sim: Sim; readonly channel: NodeChannel; readonly hello: Hello; guard(fence: number, step?: string): Guard };

const setUp = async (options: Partial<SimOptions> = {}, user = 'ops'): Promise<Setup> => {
  const sim = await startSim({ nodes: 1, speed: 600, networks: 'shared', ...options });
  const settings = { user, port: sim.sshPort, jump: null, identityFile: sim.identityFile, knownHosts: sim.knownHosts };
  const channel = sshChannel({ settings, name: 'runner-1', home: sim.dir, agent: undefined });
  open.push(sim, channel);
  const hello = await channel.hello({ name: 'runner-1', addresses: ['127.77.1.11', '127.77.0.11'], identity: null }, call);
  return { sim, channel, hello, guard: (fence, step = 'step-1') => ({ fence, run: 'run-1', step, attempt: 1, bootId: hello.bootId }) };
};

describe('drover’s ssh channel to a simulated node', () => {
  test('says hello with the node’s identity, address and boot', async () => {
    const { sim, hello } = await setUp();
    const node = sim.node('runner-1');
    expect(hello).toMatchObject({ address: '127.77.0.11', bootId: node.bootId, identity: { machineId: node.machineId } });
    expect(hello.identity.productUuid).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('runs a guarded command with its reads, and the node logs it with its fence', async () => {
    const { sim, channel, guard } = await setUp();
    const path = '/etc/modules-load.d/iptable_nat.conf';
    const { performed, reads } = await channel.write(
      withStdin(sh`drover_write ${path} 0644 root:root`, 'iptable_nat\n'),
      guard(3),
      [sh`drover_file ${path}`],
      call,
    );
    expect(performed).toMatchObject({ kind: 'exited', result: { exitCode: 0 } });
    expect(reads[0]?.stdout).toMatch(/^file 0644 root root /);
    expect(sim.node('runner-1').file(path)).toEqual({ content: 'iptable_nat\n', mode: '0644', owner: 'root:root' });
    expect(sim.node('runner-1').commands).toMatchObject([{ fence: 3, run: 'run-1', step: 'step-1', attempt: 1, exitCode: 0 }]);
    expect(sim.node('runner-1').fence).toBe(3);
  });

  test('refuses a stale fence and runs nothing', async () => {
    const { sim, channel, guard } = await setUp();
    await channel.write(sh`true`, guard(5), [], call);
    expect((await channel.write(sh`systemctl reboot`, guard(4), [], call)).performed).toEqual({
      kind: 'refused',
      why: 'fence',
      detail: '5',
    });
    expect(sim.node('runner-1')).toMatchObject({ power: 'on', refusals: [{ fence: 4, code: 91 }] });
  });

  test('refuses a command that was decided on an earlier boot, so a repeated reboot reboots once', async () => {
    const { sim, channel, hello, guard } = await setUp();
    await channel.write(sh`systemctl reboot`, guard(1), [], call);
    await eventually('the node has booted', () => sim.node('runner-1').bootCount === 2);
    const target = { name: 'runner-1', addresses: ['127.77.0.11'], identity: hello.identity };
    channel.drop();
    const again = await eventually('the node answers', async () => channel.hello(target, call).catch(() => undefined));
    expect(again.bootId).not.toBe(hello.bootId);
    expect((await channel.write(sh`systemctl reboot`, guard(2), [], call)).performed).toEqual({
      kind: 'refused',
      why: 'boot',
      detail: again.bootId,
    });
    expect(sim.node('runner-1').bootCount).toBe(2);
  });

  test.each(['before', 'after'] as const)('leaves the outcome unknown when the connection is severed %s the command ran', async (when) => {
    const { sim, channel, guard } = await setUp({ faults: { 'runner-1': { sever: { command: 2, when } } } });
    await channel.write(sh`true`, guard(1), [], call);
    const { performed } = await channel.write(sh`systemctl stop kubelet`, guard(1), [], call);
    expect(performed).toMatchObject({ kind: 'unknown', why: expect.stringMatching(/the connection to runner-1 ended/) });
    expect(sim.node('runner-1').unit('kubelet')?.active).toBe(when === 'after' ? 'inactive' : 'active');
    expect(sim.node('runner-1').power).toBe('on');
  });

  test('refuses on a full disk, and lets an older worker’s command end when a newer one comes', async () => {
    const { sim, channel, guard } = await setUp({ speed: 1 });
    const old = channel.write(sh`dnf -q -y install open-vm-tools`, guard(1), [], call);
    await eventually('the old command runs', () => sim.node('runner-1').commands.length === 1);
    expect((await channel.write(sh`true`, guard(1), [], call)).performed).toMatchObject({ kind: 'refused', why: 'lock' });
    expect((await channel.write(sh`true`, guard(2), [], call)).performed).toMatchObject({ kind: 'exited', result: { exitCode: 0 } });
    expect((await old).performed).toMatchObject({ kind: 'exited', result: { exitCode: 143 } });
    expect(sim.node('runner-1').packages).not.toContain('open-vm-tools');
    sim.setFaults('runner-1', { diskFull: true });
    expect((await channel.write(sh`true`, guard(3), [], call)).performed).toMatchObject({ kind: 'refused', why: 'state' });
  });

  test('ends a command that its sender gives up', async () => {
    const { sim, channel, guard } = await setUp({ speed: 1 });
    const giveUp = new AbortController();
    const running = channel.write(sh`dnf -q -y install open-vm-tools`, guard(1), [], { signal: giveUp.signal, timeoutMs: 10_000 });
    await eventually('the command runs', () => sim.node('runner-1').commands.length === 1);
    giveUp.abort();
    expect((await running).performed.kind).toBe('unknown');
    expect((await channel.write(sh`true`, guard(1), [], call)).performed.kind).toBe('exited');
    expect(sim.node('runner-1').packages).not.toContain('open-vm-tools');
  });

  test('says that a user has no sudo', async () => {
    await expect(setUp({}, 'guest')).rejects.toMatchObject({ name: 'ConnectionError', reason: 'sudo' });
  });

  test.each([
    ['host-key', 'host-key', 'it offered the host key ssh-ed25519 SHA256:'],
    ['machine-id', 'identity', 'another machine answers: its machine-id is '],
    ['product-uuid', 'identity', 'another machine answers: its product uuid is '],
  ] as const)(
    'does not take another machine for the node, and says where it answers and what differs: %s',
    async (strangerAfterBoot, reason, differs) => {
      const { sim, channel, hello } = await setUp({ faults: { 'runner-1': { strangerAfterBoot } } });
      channel.drop();
      sim.vcenter.reset('runner-1');
      await eventually('it has booted', () => sim.node('runner-1').bootCount === 2);
      const target = { name: 'runner-1', addresses: ['127.77.0.11'], identity: hello.identity };
      const error = await eventually('somebody answers', () =>
        channel.hello(target, call).then(
          () => 'taken',
          (said: { reason?: string }) => said.reason !== 'unreachable' && said,
        ),
      );
      expect(error).toMatchObject({ reason, attempts: [{ address: '127.77.0.11', reason, message: expect.stringContaining(differs) }] });
      await expect(channel.read([sh`cat /etc/hostname`], call)).rejects.toMatchObject({ reason: 'unreachable' });
    },
  );
});
