import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callScript } from '../../../src/channels/ssh/script.ts';
import { type Ran, MACHINE, NONCE, canMount, command, guard, makeRoot, start } from './shell.ts';

/** Runs scripts one after the other in a mount namespace of their own, with a tiny file system at `at`; `between` runs before the last. */
const inNamespace = async (
  root: string,
  at: string,
  size: string,
  fill: string,
  shell: string,
  first: string,
  last: string,
  after: string,
): Promise<Ran> => {
  mkdirSync(join(root, 'scripts'));
  writeFileSync(join(root, 'scripts/first'), `DROVER_ROOT='${root}'\n${first}`);
  const outer = `mount -t tmpfs -o size=${size} tmpfs '${at}' || exit 1
    ${shell} -s <'${root}/scripts/first' >/dev/null 2>&1 || exit 1
    ${fill}
    ${shell} -s; code=$?
    ${after}
    exit $code`;
  return start(['unshare', '-m', 'sh', '-c', outer], root, last).ended;
};

// Needs root (CAP_SYS_ADMIN) to mount a tmpfs in a private mount namespace; CI runs as root.
describe.runIf(canMount).each(['dash', 'bash --posix'])('a full disk under %s', (shell) => {
  const write = (fence: number, path: string, stdin: string, machine = MACHINE): string =>
    callScript(NONCE, { command: command(`drover_write ${path} 0644 0:0`, { stdin }), guard: guard(fence), machineId: machine }, [
      command(`cat "$DROVER_ROOT${path}"`),
    ]);

  test('in the state folder: the fence and the intent stay whole, nothing runs, and it says so', async () => {
    using root = makeRoot();
    mkdirSync(root.state, { recursive: true });
    const saved = `cp '${root.state}/fence' '${root.path}/fence'; cp '${root.state}/intent' '${root.path}/intent'; ls -A '${root.state}' >'${root.path}/ls'; cat '${root.path}/etc/x' >'${root.path}/x'`;
    const fill = `dd if=/dev/zero of='${root.state}/ballast' bs=4k >/dev/null 2>&1`;
    const ran = await inNamespace(
      root.path,
      root.state,
      '64k',
      fill,
      shell,
      write(4, '/etc/x', 'first'),
      write(5, '/etc/x', 'second'),
      saved,
    );
    expect(ran.refused).toEqual({
      kind: 'refused',
      why: 'state',
      detail: `could not store fence and intent in ${root.state}: full or read-only`,
    });
    expect(ran.done.size).toBe(0);
    const kept = (name: string): string => execFileSync('cat', [join(root.path, name)]).toString();
    expect(kept('fence')).toBe('4\n');
    expect(kept('intent')).toMatch(/^fence=4 run=run-1 /);
    expect(kept('ls')).toBe('ballast\nfence\nintent\nlock\nrun-1\n');
    expect(kept('x')).toBe('first');
  });

  test('in the state folder while a copy is kept: the file is not changed', async () => {
    using root = makeRoot();
    mkdirSync(root.state, { recursive: true });
    writeFileSync(join(root.path, 'etc/big'), 'x'.repeat(200_000));
    const ran = await inNamespace(
      root.path,
      root.state,
      '128k',
      ':',
      shell,
      write(4, '/etc/x', 'first'),
      write(5, '/etc/big', 'second'),
      `ls -A '${root.state}/run-1/files' | wc -l >'${root.path}/ls'`,
    );
    expect(ran.done.get('guarded')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('could not keep a copy of /etc/big') });
    expect(ran.done.get('0')?.stdout).toBe('x'.repeat(200_000));
    expect(
      execFileSync('cat', [join(root.path, 'ls')])
        .toString()
        .trim(),
    ).toBe('1');
  });

  test('where the file is: the old one stays whole, and no temporary file is left', async () => {
    using root = makeRoot();
    const at = join(root.path, 'small');
    mkdirSync(at);
    const fill = `dd if=/dev/zero of='${at}/ballast' bs=4k >/dev/null 2>&1`;
    const ran = await inNamespace(
      root.path,
      at,
      '64k',
      fill,
      shell,
      write(4, '/small/x', 'first'),
      write(5, '/small/x', 'y'.repeat(50_000)),
      `ls -A '${at}' >'${root.path}/ls'`,
    );
    expect(ran.done.get('guarded')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/No space left[^]*could not write \/small\/x/),
    });
    expect(ran.done.get('0')?.stdout).toBe('first');
    expect(execFileSync('cat', [join(root.path, 'ls')]).toString()).toBe('ballast\nx\n');
  });

  test.runIf(existsSync('/etc/machine-id'))(
    'works on the real paths of a node: /var/lib/drover, /etc/machine-id and the boot id of the kernel',
    async () => {
      using root = makeRoot();
      const read = (path: string): string => readFileSync(path, 'utf8').trim();
      const path = join(root.path, 'new/x');
      const script = callScript(
        NONCE,
        {
          command: command(`drover_write ${path} 0644 0:0`, { stdin: 'x' }),
          guard: guard(9, { bootId: read('/proc/sys/kernel/random/boot_id') }),
          machineId: read('/etc/machine-id'),
        },
        [command('stat -c %a /var/lib/drover'), command('cat /var/lib/drover/fence'), command(`drover_file ${path}`)],
      );
      const ran = await start(['unshare', '-m', 'sh', '-c', `mount -t tmpfs tmpfs /var/lib && ${shell} -s`], '', script).ended;
      expect(ran.refused).toBeNull();
      expect(ran.done.get('guarded')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(['0', '1', '2'].map((index) => ran.done.get(index)?.stdout)).toEqual([
        '700\n',
        '9\n',
        expect.stringMatching(/^file 0644 root root /),
      ]);
    },
  );
});
