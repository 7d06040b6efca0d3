import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callScript, stopScript } from '../../../src/channels/ssh/script.ts';
import { behindLibrary } from '../../../src/channels/ssh/node-library.ts';
import { eventually } from '../../eventually.ts';
import { BOOT, MACHINE, NONCE, command, guard, guarded, isAlive, makeRoot, read, start, text } from './shell.ts';

const shells = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash', '--posix'] },
];

describe.each(shells)('the wrapper under $name', ({ shell }) => {
  test('runs a command whose fence is equal or higher, and stores fence and intent first', async () => {
    using root = makeRoot();
    const out = join(root.path, 'out');
    for (const fence of [3, 3, 7]) {
      const ran = await guarded(shell, root, fence, `cat ${root.state}/fence ${root.state}/intent; echo ${fence} >>${out}; exit 5`).ended;
      expect(ran.done.get('guarded')).toMatchObject({ exitCode: 5, stderr: '' });
      expect(ran.done.get('guarded')?.stdout).toMatch(
        new RegExp(`^${fence}\nfence=${fence} run=run-1 step=step-1 attempt=1 boot=${BOOT} at=\\d+\n$`),
      );
    }
    expect(text(out)).toBe('3\n3\n7\n');
    expect(readdirSync(root.state).sort()).toEqual(['fence', 'intent', 'lock']);
  });

  test('refuses a lower fence, runs nothing, not even the reads behind it, and says which fence is stored', async () => {
    using root = makeRoot();
    await guarded(shell, root, 7, 'true').ended;
    const intent = text(join(root.state, 'intent'));
    const ran = await guarded(shell, root, 6, `echo x >${root.path}/ran`, { reads: [`echo y >${root.path}/read`] }).ended;
    expect(ran.refused).toEqual({ kind: 'refused', why: 'fence', detail: '7' });
    expect(ran.done.size + ran.begun.size).toBe(0);
    expect([text(join(root.path, 'ran')), text(join(root.path, 'read'))]).toEqual([null, null]);
    expect([text(join(root.state, 'fence')), text(join(root.state, 'intent'))]).toEqual(['7\n', intent]);
  });

  test('refuses another machine and another boot, without raising the fence', async () => {
    using root = makeRoot();
    const mark = `echo x >${root.path}/ran`;
    expect((await guarded(shell, root, 5, mark, { machineId: MACHINE.replace('0', 'f') }).ended).refused).toEqual({
      kind: 'refused',
      why: 'machine',
      detail: MACHINE,
    });
    expect((await guarded(shell, root, 5, mark, { guard: { bootId: BOOT.replace('1', '9') } }).ended).refused).toEqual({
      kind: 'refused',
      why: 'boot',
      detail: BOOT,
    });
    expect([text(join(root.path, 'ran')), text(join(root.state, 'fence'))]).toEqual([null, null]);
  });

  test('refuses when the stored fence is damaged, rather than to start from nothing', async () => {
    using root = makeRoot();
    await guarded(shell, root, 7, 'true').ended;
    for (const damage of ['', 'x7\n', '\0\0']) {
      writeFileSync(join(root.state, 'fence'), damage);
      const ran = await guarded(shell, root, 8, `echo x >${root.path}/ran`).ended;
      expect(ran.refused).toMatchObject({ why: 'state', detail: expect.stringContaining('fence is damaged') });
    }
    expect(text(join(root.path, 'ran'))).toBeNull();
  });

  test('ends the command of an older fence, with all that it started, before a newer one runs', async () => {
    using root = makeRoot();
    const old = guarded(shell, root, 1, `(trap '' TERM; echo child; sleep 300) | cat >${root.path}/started; echo went-on >${root.path}/on`);
    await eventually('the older command starts', () => text(join(root.path, 'started')) === 'child\n');
    process.kill(old.pid, 'SIGSTOP');
    const ran = await guarded(shell, root, 2, 'echo new').ended;
    expect(ran.done.get('guarded')).toMatchObject({ exitCode: 0, stdout: 'new\n' });
    expect(isAlive(old.pid)).toBe(false);
    const ended = await old.ended;
    expect(ended.signal).toMatch(/SIGTERM|SIGKILL/);
    expect(ended.done.size).toBe(0);
    expect(text(join(root.path, 'on'))).toBeNull();
  });

  test('never takes a pid that was given out again for the older command', async () => {
    using root = makeRoot();
    await guarded(shell, root, 1, 'true').ended;
    const innocent = start(shell, root.path, 'sleep 300');
    writeFileSync(join(root.state, 'running'), `${innocent.pid} 1 ${BOOT} 1 other\n`);
    expect((await guarded(shell, root, 2, 'echo new').ended).done.get('guarded')?.stdout).toBe('new\n');
    expect(isAlive(innocent.pid)).toBe(true);
    process.kill(-innocent.pid);
  });

  test('does not run a second command of the same fence beside one that still runs', async () => {
    using root = makeRoot();
    const first = guarded(shell, root, 4, `echo x >${root.path}/started; exec sleep 300`);
    await eventually('the first command starts', () => text(join(root.path, 'started')) !== null);
    const intent = text(join(root.state, 'intent'));
    const second = await guarded(shell, root, 4, `echo x >${root.path}/second`, { guard: { step: 'other' } }).ended;
    expect(second.refused).toEqual({
      kind: 'refused',
      why: 'lock',
      detail: `an earlier command of this worker still runs (pid ${first.pid})`,
    });
    expect([text(join(root.path, 'second')), text(join(root.state, 'intent'))]).toEqual([null, intent]);
    await start(shell, root.path, stopScript('other', NONCE), 'other').ended;
    expect((await first.ended).done.size).toBe(0);
  });

  test('lets racing commands run one by one, and only with rising fences', async () => {
    using root = makeRoot();
    const fences = [1, 2, 3, 4, 5, 6];
    const body = (fence: number) => `echo ${fence} begins >>${root.path}/log && echo ${fence} ends >>${root.path}/log`;
    const all = await Promise.all(fences.map((fence) => guarded(shell, root, fence, body(fence), { nonce: `n${fence}` }).ended));
    const log = (text(join(root.path, 'log')) ?? '').trim().split('\n');
    const begun = log.filter((line) => line.endsWith('begins')).map((line) => Number(line[0]));
    expect(begun).toEqual(begun.toSorted((a, b) => a - b));
    expect(begun).toContain(6);
    for (const [index, ran] of all.entries()) {
      if (ran.refused) expect(begun).not.toContain(fences[index]);
      if (ran.done.has('guarded')) expect(log).toContain(`${fences[index]} ends`);
    }
    expect(text(join(root.state, 'fence'))).toBe('6\n');
  });

  test('stops a command on request, and one that has not come to the lock yet does not start', async () => {
    using root = makeRoot();
    const first = guarded(shell, root, 1, `echo x >${root.path}/started; sleep 300; echo y >${root.path}/on`);
    await eventually('the command starts', () => text(join(root.path, 'started')) !== null);
    const stop = await start(shell, root.path, stopScript('other', NONCE), 'other').ended;
    expect(stop.done.get('stop')).toMatchObject({ exitCode: 0 });
    expect(isAlive(first.pid)).toBe(false);
    const late = await guarded(shell, root, 1, `echo x >${root.path}/late`).ended;
    expect(late.refused).toMatchObject({ why: 'lock', detail: 'its sender had given it up' });
    expect([text(join(root.path, 'on')), text(join(root.path, 'late'))]).toEqual([null, null]);
  });

  test('a durable command outlives the reader of its output where there is no systemd, too', async () => {
    using root = makeRoot();
    const body = `for i in 1 2 3 4 5 6 7 8; do echo out; echo err >&2; sleep 0.1; done; echo whole >${root.path}/end; exit 3`;
    const ran = await guarded(shell, root, 1, body, { durable: true }).ended;
    expect(ran.done.get('guarded')).toMatchObject({
      exitCode: 3,
      stdout: 'out\n'.repeat(8),
      stderr: expect.stringMatching(/systemd is not at work here.*\n(err\n){8}$/),
    });
    const cut = callScript(
      NONCE,
      { command: command(body.replace('/end', '/cut'), { durable: true }), guard: guard(2), machineId: MACHINE },
      [],
    );
    await start(['sh', '-c', `{ ${shell.join(' ')} -s 2>&1; } | grep -m 2 -c out; exit 0`], root.path, cut).ended;
    await eventually('the command ends by itself', () => text(join(root.path, 'cut')) === 'whole\n');
  });

  test('runs nothing when the script is cut off at any byte', async () => {
    using root = makeRoot();
    const whole = callScript(
      NONCE,
      { command: command(`echo it''s >>${root.path}/ran`, { stdin: "a'b\nc" }), guard: guard(1), machineId: MACHINE },
      [command(`echo read >>${root.path}/ran`)],
    );
    const tail = behindLibrary(whole)?.length ?? 0;
    const head = whole.length - tail;
    const cuts = Array.from({ length: tail - 2 }, (_, index) => whole.slice(0, head + index + 1)).filter((_, index) => index % 7 === 0);
    cuts.push(whole.slice(0, -2), whole.slice(0, -3));
    for (const cut of cuts) await start(shell, root.path, cut).ended;
    expect(text(join(root.path, 'ran'))).toBeNull();
    await start(shell, root.path, whole).ended;
    expect(text(join(root.path, 'ran'))).toBe('its\nread\n');
  });

  test('gives every read its own result: bytes, exit codes, no last newline, quotes, standard input', async () => {
    using root = makeRoot();
    const script = callScript(NONCE, null, [
      command('printf "no newline"; printf "e\\n\\n" >&2'),
      command('exit 42'),
      command('nonsense-program'),
      command('cat', { stdin: "a 'quoted' \\ text\n$HOME\n" }),
      command('printf "\\377\\000\\n\\n"'),
      command('cat'),
      command('printf %s "$DROVER_SECRET_1"', { secrets: { DROVER_SECRET_1: "it's" } }),
      command('kill -9 $(exec sh -c "echo \\$PPID")'),
      command('if then'),
    ]);
    const { done } = await start(shell, root.path, script).ended;
    const results = Array.from({ length: 9 }, (_, index) => done.get(String(index)));
    expect(results[0]).toMatchObject({ exitCode: 0, stdout: 'no newline', stderr: 'e\n\n', cut: false });
    expect(results[1]).toMatchObject({ exitCode: 42, stdout: '', stderr: '' });
    expect(results[2]).toMatchObject({ exitCode: 127, stdout: '' });
    expect(results[3]?.stdout).toBe("a 'quoted' \\ text\n$HOME\n");
    expect(results[4]?.stdout).toBe('\uFFFD\0\n\n');
    expect(results[5]?.stdout).toBe('');
    expect(results[6]?.stdout).toBe("it's");
    expect(results[7]?.exitCode).toBe(137);
    expect(results[8]?.exitCode).toBeGreaterThan(0);
  });

  test('measures how long a command took on the node', async () => {
    using root = makeRoot();
    const { done } = await read(shell, root, 'sleep 0.3', 'true').ended;
    expect(done.get('0')?.durationMs).toBeGreaterThanOrEqual(280);
    expect(done.get('1')?.durationMs).toBeLessThan(280);
  });
});
