import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeCommand, secret, sh } from '../../../src/core/command.ts';
import type { Guard } from '../../../src/core/ports.ts';
import { eventually } from '../../eventually.ts';
import { isAlive, text } from './shell.ts';
import { type Home, type Sshd, channelTo, hasSshd, makeHome, startRelay, startSshd, target, trust, within } from './sshd.ts';
import { standInSystemd } from './systemd.ts';

const durable = (command: NodeCommand): NodeCommand => ({ ...command, durable: true });

// A real sshd, and a stand-in for systemd behind it.
describe.runIf(hasSshd)('durable commands over ssh', () => {
  let home: Home;
  let sshd: Sshd;
  beforeAll(async () => {
    home = makeHome();
    const tools = join(home.path, 'tools');
    sshd = await startSshd(home, { tools });
    standInSystemd({ path: sshd.root }, tools);
    trust(home, 'node-1', sshd.hostKey);
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  let fence = 0;
  const setUp = async (name: string) => {
    const channel = channelTo(home, { port: sshd.port }, { TOKEN: 's3cr3t' });
    const { bootId } = await channel.hello(target(), within());
    const guard: Guard = { fence: (fence += 10), run: 'run-1', step: name, attempt: 1, bootId };
    const at = (file: string): string => join(sshd.root, `${name}-${file}`);
    const command = durable(
      sh`echo $$ >${at('pid')}; echo begun ${secret({ env: 'TOKEN' })}; until [ -e ${at('go')} ]; do sleep 0.05; done; echo end; exit 4`,
    );
    return { channel, guard, command, at, pid: () => Number(text(at('pid'))) };
  };

  test('are let go when the sender stops listening; another one takes output and exit status', async () => {
    const { channel, guard, command, at, pid } = await setUp('let-go');
    await using first = channel;
    const stop = new AbortController();
    const lines: string[] = [];
    const writing = first.write(command, guard, [], { ...within(60_000, stop.signal), onLine: (line) => lines.push(line) });
    await eventually('its first line comes while it runs', () => lines.length === 1);
    stop.abort();
    expect((await writing).performed).toEqual({ kind: 'unknown', why: `${command.masked} was let go; it goes on on node-1` });
    expect(isAlive(pid())).toBe(true);
    await using second = channelTo(home, { port: sshd.port }, { TOKEN: 's3cr3t' });
    await second.hello(target(), within());
    const following = second.attach(command, { ...guard, fence: guard.fence + 1 }, [sh`echo read`], within());
    await first.read([sh`touch ${at('go')}`], within());
    const { performed, reads } = await following;
    expect(performed).toMatchObject({ kind: 'exited', result: { exitCode: 4, stdout: 'begun ***\nend\n' } });
    expect(reads[0]?.stdout).toBe('read\n');
    expect(lines).toEqual(['begun ***']);
  });

  test('go on when the connection goes silent, and are followed over a new one', async () => {
    await using relay = await startRelay(sshd.port);
    await using cut = channelTo(home, { port: relay.port }, { TOKEN: 's3cr3t' });
    const { channel, guard, command, at, pid } = await setUp('silent');
    await using next = channel;
    await cut.hello(target(), within());
    const lines: string[] = [];
    const writing = cut.write(command, guard, [], { ...within(60_000), onLine: (line) => lines.push(line) });
    await eventually('it runs', () => lines.length === 1);
    relay.silence();
    const following = next.attach(command, { ...guard, fence: guard.fence + 1 }, [], within());
    await next.read([sh`touch ${at('go')}`], within());
    expect((await following).performed).toMatchObject({ kind: 'exited', result: { exitCode: 4, stdout: 'begun ***\nend\n' } });
    expect(isAlive(pid())).toBe(false);
    cut.drop();
    expect((await writing).performed.kind).toBe('unknown');
  });

  test('are ended when they take longer than they may, and by a halt', async () => {
    const { channel, guard, command, pid } = await setUp('ended');
    await using one = channel;
    expect((await one.write(command, guard, [], within(2000))).performed).toEqual({
      kind: 'unknown',
      why: `${command.masked} did not end within 2 s; drover ended it on node-1`,
      late: true,
    });
    expect(isAlive(pid())).toBe(false);
    expect((await one.attach(command, guard, [], within())).performed).toMatchObject({ kind: 'refused', why: 'absent' });

    const other = await setUp('halted');
    await using two = other.channel;
    const writing = two.write(other.command, other.guard, [], within());
    await eventually('it runs', () => other.pid() > 0);
    expect(await one.halt({ ...other.guard, fence: other.guard.fence - 1 }, within())).toMatchObject({ kind: 'refused', why: 'fence' });
    expect(await one.halt({ ...other.guard, fence: other.guard.fence + 1 }, within())).toMatchObject({
      kind: 'exited',
      result: { exitCode: 0 },
    });
    expect(isAlive(other.pid())).toBe(false);
    expect((await writing).performed.kind).toBe('unknown');
  });
});
