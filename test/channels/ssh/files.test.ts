import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { type Root, guarded, isAlive, makeRoot, program, read, text } from './shell.ts';

const shells = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash', '--posix'] },
];
const isRoot = process.getuid?.() === 0;
const me = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
const sha = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const binary = Buffer.from([0, 255, 10, 13, 39, 92, 10, 10]);

const put = (root: Root, path: string, bytes: string | Buffer, mode = 0o644): string => {
  const at = join(root.path, path);
  mkdirSync(join(at, '..'), { recursive: true });
  writeFileSync(at, bytes);
  chmodSync(at, mode);
  return at;
};

describe.each(shells)('files under $name', ({ shell }) => {
  const act = async (root: Root, fence: number, words: string, stdin = '') =>
    (await guarded(shell, root, fence, words, { stdin }).ended).done.get('guarded');

  test('drover_file tells absent, a file with mode, owner and hash, and what is no file', async () => {
    using root = makeRoot();
    put(root, '/etc/a file', binary, 0o4640);
    symlinkSync('a file', join(root.path, 'etc/link'));
    const { done } = await read(
      shell,
      root,
      'drover_file /etc/none',
      "drover_file '/etc/a file'",
      'drover_file /etc/link',
      'drover_file /etc',
    ).ended;
    const out = ['0', '1', '2', '3'].map((index) => done.get(index)?.stdout);
    expect(out[0]).toBe('absent\n');
    expect(out[1]).toMatch(new RegExp(`^file 4640 \\S+ \\S+ ${sha(binary)} -\n$`));
    expect(out.slice(2)).toEqual(['other symlink\n', 'other directory\n']);
  });

  test('writes a file with mode and owner, and keeps the old one; restoring brings it back byte for byte', async () => {
    using root = makeRoot();
    const path = `/etc/it's a "file" $HOME.conf`;
    const quoted = `'${path.replaceAll("'", `'\\''`)}'`;
    const at = put(root, path, binary, 0o640);
    if (isRoot) chownSync(at, 12, 34);
    const was = statSync(at);
    expect(await act(root, 1, `drover_write ${quoted} 0755 ${me}`, "new 'text'\nno newline")).toMatchObject({ exitCode: 0, stderr: '' });
    expect([readFileSync(at, 'utf8'), statSync(at).mode & 0o7777]).toEqual(["new 'text'\nno newline", 0o755]);
    expect(await act(root, 1, `drover_write ${quoted} 0600 ${me}`, 'newer')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(at, 'utf8')).toBe('newer');
    expect(await act(root, 1, `drover_restore ${quoted}`)).toMatchObject({ exitCode: 0, stderr: '' });
    const is = statSync(at);
    expect([readFileSync(at), is.mode, is.uid, is.gid]).toEqual([binary, was.mode, was.uid, was.gid]);
    const listed = await read(shell, root, 'drover_snapshots run-1').ended;
    expect(listed.done.get('0')?.stdout).toBe(`${path} file ${sha(binary)}\n`);
    expect(readdirSync(join(root.path, 'etc')).filter((name) => name.startsWith('.drover'))).toEqual([]);
  });

  test('makes missing folders, and restoring what was absent removes the file', async () => {
    using root = makeRoot();
    const at = join(root.path, 'etc/new/deep/x.conf');
    expect(await act(root, 1, `drover_write /etc/new/deep/x.conf 0644 ${me}`, 'x')).toMatchObject({ exitCode: 0 });
    expect([readFileSync(at, 'utf8'), statSync(join(at, '..')).mode & 0o777]).toEqual(['x', 0o755]);
    expect((await read(shell, root, 'drover_snapshots run-1').ended).done.get('0')?.stdout).toBe('/etc/new/deep/x.conf absent -\n');
    expect(await act(root, 1, 'drover_restore /etc/new/deep/x.conf && drover_restore /etc/new/deep/x.conf')).toMatchObject({ exitCode: 0 });
    expect(text(at)).toBeNull();
  });

  test('takes a snapshot once: what a later call sees is never taken for the old state', async () => {
    using root = makeRoot();
    const at = put(root, '/etc/x', 'old');
    put(root, '/etc/y', 'other');
    await act(root, 1, 'drover_snapshot /etc/x /etc/y');
    writeFileSync(at, 'new');
    expect(await act(root, 1, 'drover_snapshot /etc/x')).toMatchObject({ exitCode: 0 });
    await act(root, 2, 'drover_restore /etc/x');
    expect(text(at)).toBe('old');
    expect(
      (await guarded(shell, root, 2, 'drover_snapshots', { reads: ['drover_snapshots'] }).ended).done.get('0')?.stdout.split('\n'),
    ).toHaveLength(3);
  });

  test('refuses to restore without a snapshot or from a damaged one, and to touch what is no plain file', async () => {
    using root = makeRoot();
    put(root, '/etc/x', 'old');
    symlinkSync('x', join(root.path, 'etc/link'));
    expect(await act(root, 1, 'drover_restore /etc/x')).toMatchObject({
      exitCode: 97,
      stderr: 'drover: run run-1 keeps no copy of /etc/x, so it cannot be put back\n',
    });
    expect(await act(root, 1, `drover_write /etc/link 0644 ${me}`, 'new')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('symlink'),
    });
    expect(await act(root, 1, `drover_write etc/x 0644 ${me}`, 'new')).toMatchObject({ exitCode: 1 });
    await act(root, 1, `drover_write /etc/x 0644 ${me}`, 'new');
    writeFileSync(join(root.state, 'run-1/files', sha('/etc/x'), 'bytes'), 'damaged');
    expect(await act(root, 1, 'drover_restore /etc/x')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('damaged') });
    expect(text(join(root.path, 'etc/x'))).toBe('new');
  });

  test('leaves the old file whole when the owner does not exist or the content ends early', async () => {
    using root = makeRoot();
    const at = put(root, '/etc/x', 'old', 0o640);
    expect(await act(root, 1, 'drover_write /etc/x 0644 nobody-knows:me', 'new')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('could not write /etc/x'),
    });
    expect([readFileSync(at, 'utf8'), statSync(at).mode & 0o777, readdirSync(join(root.path, 'etc')).sort()]).toEqual([
      'old',
      0o640,
      ['machine-id', 'x'],
    ]);
  });

  test('is killed in the middle of a write and leaves the old file whole; the next write clears up and succeeds', async () => {
    using root = makeRoot();
    const at = put(root, '/etc/x', 'old');
    const tools = join(root.path, 'tools');
    program(tools, 'chmod', `echo x >${root.path}/reached; exec sleep 300`);
    const run = guarded(shell, root, 1, `PATH=${tools}:$PATH drover_write /etc/x 0600 ${me}`, { stdin: 'new' });
    await eventually('the write comes to chmod', () => text(join(root.path, 'reached')) !== null);
    process.kill(-run.pid, 'SIGKILL');
    await eventually('the shell ends', () => !isAlive(run.pid));
    expect(text(at)).toBe('old');
    expect(readdirSync(join(root.path, 'etc')).filter((name) => name.startsWith('.drover'))).toHaveLength(1);
    expect(await act(root, 2, `drover_write /etc/x 0600 ${me}`, 'newer')).toMatchObject({ exitCode: 0 });
    expect([text(at), readdirSync(join(root.path, 'etc')).sort()]).toEqual(['newer', ['machine-id', 'x']]);
    await act(root, 2, 'drover_restore /etc/x');
    expect(text(at)).toBe('old');
  });

  test('labels files as SELinux wants where it is on, before they take the place of the old ones', async () => {
    using root = makeRoot();
    put(root, '/sys/fs/selinux/enforce', '1');
    put(root, '/etc/x', 'old');
    const tools = join(root.path, 'tools');
    program(tools, 'matchpathcon', 'echo "system_u:object_r:etc_t:s0"');
    program(tools, 'chcon', `echo "chcon $1 \${2##*/}" | sed "s/drover.*/drover/" >>${root.path}/log`);
    program(tools, 'restorecon', `echo "restorecon \${1##*/}" >>${root.path}/log`);
    program(tools, 'stat', 'case "$*" in *%C*) echo "system_u:object_r:old_t:s0" ;; *) exec /usr/bin/stat "$@" ;; esac');
    await act(
      root,
      1,
      `PATH=${tools}:$PATH; drover_file /etc/x >${root.path}/said; drover_write /etc/x 0644 ${me} && drover_restore /etc/x`,
      'new',
    );
    expect(text(join(root.path, 'said'))).toMatch(/ system_u:object_r:old_t:s0\n$/);
    expect(text(join(root.path, 'log'))).toBe(
      'chcon system_u:object_r:etc_t:s0 .drover\nrestorecon x\nchcon system_u:object_r:old_t:s0 .drover\n',
    );
  });

  test('forgets a run, and only a run', async () => {
    using root = makeRoot();
    put(root, '/etc/x', 'old');
    await act(root, 1, 'drover_snapshot /etc/x');
    for (const name of ['', '.', '..', 'fence', 'lock', 'intent', 'a/b', '../etc'])
      expect(await act(root, 1, `drover_forget '${name}'`)).toMatchObject({ exitCode: 1 });
    expect(await act(root, 1, 'drover_forget run-1')).toMatchObject({ exitCode: 0 });
    expect(readdirSync(root.state).sort()).toEqual(['fence', 'intent', 'lock']);
  });
});
