import { createServer, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sh } from '../../../src/core/command.ts';
import { bounded } from '../../../src/channels/ssh/bound.ts';
import { gatherWrites } from '../../../src/channels/ssh/gather.ts';
import { behindLibrary, libraryFor } from '../../../src/channels/ssh/node-library.ts';
import { callScript } from '../../../src/channels/ssh/script.ts';
import { MACHINE, command, guard } from './shell.ts';
import { type Home, type Sshd, channelTo, makeHome, startSshd, target, trust, within } from './sshd.ts';

describe('what a command costs', () => {
  let home: Home;
  let sshd: Sshd;
  beforeAll(async () => {
    home = makeHome();
    sshd = await startSshd(home);
    trust(home, 'node-1', sshd.hostKey);
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  test('shows the output of the mutating command, and not that of the looks behind it', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    const { bootId } = await channel.hello(target(), within());
    const lines: string[] = [];
    const guard = { fence: 1, run: 'r', step: 's', attempt: 1, bootId };
    const reads = [sh`echo seen`, sh`echo seen too >&2`];
    const wrote = await channel.write(sh`echo done; echo warned >&2`, guard, reads, { ...within(), onLine: (line) => lines.push(line) });
    expect(lines.toSorted()).toEqual(['done', 'warned']);
    expect(wrote.reads.map(({ stdout, stderr }) => stdout + stderr)).toEqual(['seen\n', 'seen too\n']);
  });

  test('hands what is written in one turn to the kernel at once, in order', async () => {
    const received: Buffer[] = [];
    const server = createServer((peer) => peer.on('data', (chunk) => received.push(chunk)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const socket = connect({ host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 });
    await new Promise((resolve) => socket.once('connect', resolve));
    gatherWrites(socket);
    socket.write('one ');
    socket.write(Buffer.from('two '));
    expect([socket.writableCorked, socket.writableLength]).toEqual([1, 8]);
    await turn();
    expect(socket.writableCorked).toBe(0);
    socket.write('three');
    socket.end();
    await vi.waitFor(() => expect(Buffer.concat(received).toString()).toBe('one two three'));
    await new Promise((resolve) => server.close(resolve));
  });

  test('sends only the parts of the library that a script can need', () => {
    const has = (library: string): boolean[] =>
      ['drover_read()', 'drover_write()', 'drover_guarded()', 'drover_launch()'].map((name) => library.includes(name));
    expect(has(callScript('n', null, [command('cat /etc/hostname')]))).toEqual([true, false, false, false]);
    expect(has(callScript('n', null, [command('drover_file /etc/hostname')]))).toEqual([true, true, false, false]);
    const sent = (text: string, durable = false): string =>
      callScript('n', { command: command(text, { durable }), guard: guard(1), machineId: MACHINE }, []);
    expect(has(sent('reboot'))).toEqual([true, false, true, false]);
    expect(has(sent('drover_write /etc/hostname'))).toEqual([true, true, true, false]);
    expect(has(sent('apt-get update', true))).toEqual([true, false, true, true]);
    const either = [true, false];
    for (const guarded of either)
      for (const durable of either)
        for (const files of either)
          for (const deadman of ['none', 'asked', 'armed'] as const)
            expect(behindLibrary(`${libraryFor({ guarded, durable, files, deadman })}\nuname`)).toBe('\nuname');
    expect(behindLibrary('uname')).toBeUndefined();
  });

  test('bounds a wait by its time and by the signal that it follows', async () => {
    const outer = new AbortController();
    const late = bounded(outer.signal, 20);
    await vi.waitFor(() => expect(late.signal.aborted).toBe(true));
    const followed = bounded(outer.signal, 60_000);
    const released = bounded(outer.signal, 60_000);
    released.release();
    outer.abort('over');
    expect([followed.signal.reason, released.signal.aborted]).toEqual(['over', false]);
    expect(bounded(outer.signal, 60_000).signal.aborted).toBe(true);
  });
});
