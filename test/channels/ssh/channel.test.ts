import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sh, secret, withStdin } from '../../../src/core/command.ts';
import { ConnectionError } from '../../../src/core/error.ts';
import { eventually } from '../../eventually.ts';
import { isAlive, program, text } from './shell.ts';
import { type Home, type Sshd, channelTo, hasSshd, makeHome, startRelay, startSshd, target, trust, within } from './sshd.ts';

const rejection = async (promise: Promise<unknown>): Promise<ConnectionError> => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ConnectionError)) throw new Error(`expected a ConnectionError, got ${String(error)}`);
  return error;
};

// A real sshd as our child on 127.0.0.1; logs in as the user who runs the tests. CI runs as root, where sudo is not needed.
describe.runIf(hasSshd)('the ssh channel to a real sshd', () => {
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

  test('says who the node is and on which boot, and reuses its connection', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    const hello = await channel.hello(target(), within());
    expect(hello).toEqual({
      identity: {
        hostKey: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
        machineId: text('/etc/machine-id')?.trim(),
        productUuid: text('/sys/class/dmi/id/product_uuid')?.trim().toLowerCase() ?? null,
      },
      address: '127.0.0.1',
      bootId: text('/proc/sys/kernel/random/boot_id')?.trim(),
    });
    expect(await channel.hello(target({ identity: hello.identity }), within())).toBe(hello);
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  test('reads many things in one exec, each with its own exit code, and streams lines', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    await channel.hello(target(), within());
    const lines: string[] = [];
    const results = await channel.read([sh`echo ${"it's"}; echo two`, sh`exit 3`, withStdin(sh`cat; echo oops >&2`, 'in')], {
      ...within(),
      onLine: (line) => lines.push(line),
    });
    expect(results.map(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr])).toEqual([
      [0, "it's\ntwo\n", ''],
      [3, '', ''],
      [0, 'in', 'oops\n'],
    ]);
    expect(lines.toSorted()).toEqual(['in', "it's", 'oops', 'two']);
    expect(await channel.read([], within())).toEqual([]);
  });

  test('waits for no delayed packets: commands take a few milliseconds, and a hundred less than two seconds where nothing else runs', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    await channel.hello(target(), within());
    const times: number[] = [];
    for (let round = 0; round < 100; round += 1) {
      const since = performance.now();
      await channel.read([sh`true`], within());
      times.push(performance.now() - since);
    }
    // with Nagle's delay each of them takes 80 ms or more; the quickest fifth is not held up by neighbours
    expect(times.toSorted((a, b) => a - b)[20]).toBeLessThan(30);
  });

  test('runs 40 reads at once through the eight sessions that it allows itself', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    await channel.hello(target(), within());
    const results = await Promise.all(Array.from({ length: 40 }, (_, index) => channel.read([sh`echo ${index}`], within())));
    expect(results.map(([result]) => result?.stdout)).toEqual(Array.from({ length: 40 }, (_, index) => `${index}\n`));
  });

  test('writes through the wrapper, then reads in the same exec; a lower fence and another boot are refused', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    const { bootId } = await channel.hello(target(), within());
    const guard = { fence: 5, run: 'run-1', step: 'a b', attempt: 2, bootId };
    const wrote = await channel.write(sh`echo did; exit 4`, guard, [sh`cat ${sshd.state}/intent`, sh`drover_snapshots`], within());
    expect(wrote.performed).toMatchObject({ kind: 'exited', result: { exitCode: 4, stdout: 'did\n' } });
    expect(wrote.reads[0]?.stdout).toMatch(/^fence=5 run=run-1 step=a_b attempt=2 boot=/);
    expect(await channel.write(sh`true`, { ...guard, fence: 4 }, [sh`true`], within())).toEqual({
      performed: { kind: 'refused', why: 'fence', detail: '5' },
      reads: [],
    });
    expect((await channel.write(sh`true`, { ...guard, bootId: 'other' }, [], within())).performed).toMatchObject({
      kind: 'refused',
      why: 'boot',
    });
  });

  test('sends secrets on standard input only, and masks them in all that comes back', async () => {
    writeFileSync(join(home.path, 'token'), 'from-file\n');
    await using channel = channelTo(home, { port: sshd.port }, { TOKEN: "s3'cr3t" });
    const { bootId } = await channel.hello(target(), within());
    const command = sh`printf '%s,%s\n' ${secret({ env: 'TOKEN' })} ${secret({ file: join(home.path, 'token') })} | tee /dev/stderr; tr '\\0' ' ' </proc/$$/cmdline`;
    const lines: string[] = [];
    const [result] = await channel.read([command], { ...within(), onLine: (line) => lines.push(line) });
    expect([result?.stdout, result?.stderr]).toEqual(['***,***\nsh -s ', '***,***\n']);
    expect(lines.toSorted()).toEqual(['***,***', '***,***', 'sh -s ']);
    const wrote = await channel.write(command, { fence: 6, run: 'r', step: 's', attempt: 1, bootId }, [], within());
    expect(JSON.stringify(wrote)).not.toMatch(/cr3t|from-file/);
    await expect(channel.read([sh`echo ${secret({ env: 'NONE' })}`], within())).rejects.toThrow(
      'the environment variable NONE, which holds a secret, is not set; set it where drover runs',
    );
  });

  test('caps the output of a read with an error, and of a write with a note', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    const { bootId } = await channel.hello(target(), within());
    const flood = sh`head -c 5000000 /dev/zero`;
    await expect(channel.read([sh`true`, flood], within())).rejects.toThrow(
      'head -c 5000000 /dev/zero on node-1 printed more than 4 MB; make it print less',
    );
    const { performed } = await channel.write(flood, { fence: 6, run: 'r', step: 's', attempt: 1, bootId }, [], within());
    expect(performed).toMatchObject({ kind: 'exited', result: { exitCode: 0, stderr: expect.stringContaining('the rest was dropped') } });
  });

  test('ends a mutating command that takes too long or is cancelled, and says so', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    const { bootId } = await channel.hello(target(), within());
    const guard = { fence: 7, run: 'r', step: 's', attempt: 1, bootId };
    const pidFile = join(sshd.root, 'pid');
    const slow = sh`echo $$ >${pidFile}; sleep 300; echo on >${join(sshd.root, 'went-on')}`;
    const late = await channel.write(slow, guard, [], within(500));
    const why = `${slow.masked} did not end within 500 ms; drover ended it on node-1`;
    expect(late.performed).toEqual({ kind: 'unknown', why, late: true });
    expect(isAlive(Number(text(pidFile)))).toBe(false);
    writeFileSync(pidFile, '');
    const stop = new AbortController();
    const cancelled = channel.write(slow, guard, [], within(60_000, stop.signal));
    await eventually('the command starts', () => (text(pidFile) ?? '').length > 1);
    stop.abort();
    expect((await cancelled).performed).toEqual({ kind: 'unknown', why: `${slow.masked} was cancelled; drover ended it on node-1` });
    expect(isAlive(Number(text(pidFile)))).toBe(false);
    expect(text(join(sshd.root, 'went-on'))).toBeNull();
  });

  test('tells a read that hangs from one that fails', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    await channel.hello(target(), within());
    await expect(channel.read([sh`sleep 3`], within(300))).rejects.toMatchObject({
      name: 'CommandError',
      transient: true,
      message: 'sleep 3 on node-1 did not end within 300 ms',
    });
    const stop = new AbortController();
    const reading = channel.read([sh`sleep 3`], within(10_000, stop.signal));
    stop.abort();
    await expect(reading).rejects.toMatchObject({ name: 'CancelledError' });
  });

  test('is not held up by a daemon that a command leaves behind with its pipes open', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    await channel.hello(target(), within());
    const [result] = await channel.read([sh`sleep 5 & echo started`], within(3000));
    expect(result?.stdout).toBe('started\n');
  });

  test('calls the outcome unknown when the server dies in the middle, and connects anew afterwards', async () => {
    const own = await startSshd(home);
    trust(home, 'node-killed', own.hostKey);
    await using channel = channelTo(home, { port: own.port });
    const to = target({ name: 'node-killed' });
    const { bootId } = await channel.hello(to, within());
    const started = join(own.root, 'started');
    const writing = channel.write(sh`echo x >${started}; sleep 300`, { fence: 1, run: 'r', step: 's', attempt: 1, bootId }, [], within());
    await eventually('the command starts', () => text(started) !== null);
    const reading = rejection(channel.read([sh`sleep 300`], within()));
    own.kill();
    expect((await writing).performed).toMatchObject({
      kind: 'unknown',
      why: expect.stringMatching(/the connection to node-1 ended before/),
    });
    expect(await reading).toMatchObject({ reason: 'unreachable', transient: true });
    expect(await rejection(channel.hello(to, within()))).toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('nothing listens there (ECONNREFUSED)'),
    });
    await own[Symbol.asyncDispose]();
    await channel.hello(target(), within()).catch(() => undefined);
  });

  test('notices within 20 s that a peer is dead', { timeout: 30_000 }, async () => {
    await using relay = await startRelay(sshd.port);
    await using channel = channelTo(home, { port: relay.port });
    const { bootId } = await channel.hello(target(), within());
    const started = join(sshd.root, 'before-silence');
    const writing = channel.write(
      sh`echo x >${started}; sleep 8`,
      { fence: 8, run: 'r', step: 's', attempt: 1, bootId },
      [],
      within(60_000),
    );
    await eventually('the command starts', () => text(started) !== null);
    const since = performance.now();
    relay.silence();
    expect((await writing).performed).toMatchObject({ kind: 'unknown' });
    expect(performance.now() - since).toBeLessThan(22_000);
    expect(await rejection(channel.read([sh`true`], within()))).toMatchObject({ reason: 'unreachable' });
  });

  test('reads nothing before it was told where the node is, and nothing after it forgot', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    expect((await rejection(channel.read([sh`true`], within()))).reason).toBe('unreachable');
    await channel.hello(target(), within());
    channel.drop();
    expect((await rejection(channel.read([sh`true`], within()))).reason).toBe('unreachable');
  });

  test('takes the address that answers, and only waits for the dead one as long as it must', async () => {
    await using channel = channelTo(home, { port: sshd.port });
    const since = performance.now();
    const hello = await channel.hello(target({ addresses: ['127.0.0.99', '127.0.0.1'] }), within());
    expect(hello.address).toBe('127.0.0.1');
    expect(performance.now() - since).toBeLessThan(3000);
  });

  test('becomes root by sudo without a password when the user is not root, and says what sudoers needs when it may not', async () => {
    const tools = join(home.path, 'tools');
    program(tools, 'id', 'echo 1000');
    program(tools, 'sudo', `echo "$*" >>${home.path}/sudo.log; [ "$1" = -n ] && shift && exec "$@"`);
    await using own = await startSshd(home, { tools });
    trust(home, 'node-sudo', own.hostKey);
    await using channel = channelTo(home, { port: own.port });
    const to = target({ name: 'node-sudo' });
    await channel.hello(to, within());
    expect((await channel.read([sh`echo x`], within()))[0]?.stdout).toBe('x\n');
    expect(text(join(home.path, 'sudo.log'))).toBe('-n sh -s\n-n sh -s\n');
    program(tools, 'sudo', 'echo "sudo: a password is required" >&2; exit 1');
    channel.drop();
    const error = await rejection(channel.hello(to, within()));
    expect(error).toMatchObject({ reason: 'sudo', transient: false });
    expect(error.message).toMatch(
      /may not run commands as root \(sudo: a password is required\); put this into \/etc\/sudoers\.d\/drover: \S+ ALL=\(root\) NOPASSWD: \/bin\/sh -s/,
    );
  });
});
