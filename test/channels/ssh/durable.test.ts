import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callScript, unitOf } from '../../../src/channels/ssh/script.ts';
import { eventually } from '../../eventually.ts';
import { MACHINE, NONCE, type Root, type Running, command, guard, isAlive, makeRoot, program, start, text } from './shell.ts';
import { standInSystemd } from './systemd.ts';

const shells = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash', '--posix'] },
];

type More = { readonly attach?: boolean; readonly fence?: number; readonly secrets?: Readonly<Record<string, string>> };
const durable = (shell: readonly string[], root: Root, env: NodeJS.ProcessEnv, body: string, more: More = {}): Running => {
  const one = command(body, { durable: true, secrets: more.secrets ?? {} });
  const script = callScript(NONCE, { command: one, guard: guard(more.fence ?? 1), machineId: MACHINE, attach: more.attach ?? false }, []);
  return start(shell, root.path, script, NONCE, env);
};
const unit = (body: string): string => unitOf(guard(1), command(body));

describe.each(shells)('a durable command under $name', ({ shell }) => {
  test('shows its secrets nowhere: not on disk, not in a list of processes, not in what systemd is told', async () => {
    using root = makeRoot();
    const env = standInSystemd(root);
    const secret = 'h7Kq-s3cr3t';
    const body = `printf %s "$DROVER_SECRET_1" | wc -c; cat /proc/*/cmdline /proc/*/environ 2>/dev/null | grep -c "[h]7Kq"; grep -rl "[h]7Kq" ${root.path}; ls ${root.path}/run/drover`;
    const ran = await durable(shell, root, env, body, { secrets: { DROVER_SECRET_1: secret } }).ended;
    expect(ran.done.get('guarded')).toMatchObject({ exitCode: 0, stdout: `${secret.length}\n0\n`, stderr: '' });
    expect(text(join(root.path, 'systemd-run.log'))).toBe(
      `/bin/sh ${root.path}/run/drover/${unit(body)} ${root.state}/run-1/units/${unit(body)} ${root.path}\n`,
    );
  });

  test('runs attached, once, when systemd-run fails, and says why', async () => {
    using root = makeRoot();
    const env = standInSystemd(root);
    program(join(root.path, 'tools'), 'systemd-run', 'echo "Failed to connect to bus: Host is down" >&2; exit 1');
    const ran = await durable(shell, root, env, `echo x >>${root.path}/ran; echo out; exit 4`).ended;
    expect(ran.done.get('guarded')).toMatchObject({
      exitCode: 4,
      stdout: 'out\n',
      stderr: 'drover: Failed to connect to bus: Host is down; the command runs attached to this connection\n',
    });
    expect(text(join(root.path, 'ran'))).toBe('x\n');
    expect(readdirSync(join(root.path, 'run/drover'))).toEqual([]);
  });

  test('runs once when systemd-run says that it failed and did start it, and where it starts it later than that', async () => {
    using root = makeRoot();
    const env = standInSystemd(root);
    const tools = join(root.path, 'tools');
    const real = text(join(tools, 'systemd-run')) ?? '';
    program(tools, 'systemd-run', `${real}\nwhile [ -n "$(ls '${root.path}/run/drover')" ]; do sleep 0.01; done; exit 1`);
    const body = `echo x >>${root.path}/ran; exit 4`;
    expect((await durable(shell, root, env, body).ended).done.get('guarded')).toMatchObject({ exitCode: 4, stderr: '' });
    const late = `until [ -e ${root.path}/go ]; do sleep 0.01; done; "$@" 2>/dev/null; echo x >${root.path}/tried`;
    program(tools, 'systemd-run', `shift 2; { ${late}; } </dev/null >/dev/null 2>&1 &\nexit 1`);
    expect((await durable(shell, root, env, body).ended).done.get('guarded')).toMatchObject({ exitCode: 4 });
    writeFileSync(join(root.path, 'go'), '');
    await eventually('systemd starts it', () => text(join(root.path, 'tried')) !== null);
    expect(text(join(root.path, 'ran'))).toBe('x\nx\n');
  });

  test('is gone without an exit status when somebody ends it from outside', async () => {
    using root = makeRoot();
    const env = standInSystemd(root);
    const body = `echo $$ >${root.path}/pid; sleep 300`;
    const running = durable(shell, root, env, body);
    const pid = Number(await eventually('it starts', () => text(join(root.path, 'pid'))?.endsWith('\n') && text(join(root.path, 'pid'))));
    process.kill(-pid, 'SIGKILL');
    const ran = await running.ended;
    expect(ran.done.has('guarded')).toBe(false);
    expect(ran.refused).toEqual({ kind: 'refused', why: 'absent', detail: 'it is gone without an exit status' });
    expect((await durable(shell, root, env, body, { attach: true, fence: 2 }).ended).refused).toEqual(ran.refused);
  });

  test('takes its follower with it neither when that one dies nor when it is replaced', async () => {
    using root = makeRoot();
    const env = standInSystemd(root);
    const body = `echo $$ >${root.path}/pid; while [ ! -e ${root.path}/go ]; do sleep 0.05; done; echo end; exit 9`;
    const first = durable(shell, root, env, body);
    await eventually('it starts', () => text(join(root.path, 'pid'))?.endsWith('\n'));
    process.kill(-first.pid, 'SIGKILL');
    const second = durable(shell, root, env, body, { attach: true, fence: 2 });
    await eventually('the second one follows', () => text(join(root.state, 'fence')) === '2\n');
    const third = durable(shell, root, env, body, { attach: true, fence: 3 });
    expect((await second.ended).signal).toMatch(/SIGTERM|SIGKILL/);
    expect(isAlive(Number(text(join(root.path, 'pid'))))).toBe(true);
    writeFileSync(join(root.path, 'go'), '');
    expect((await third.ended).done.get('guarded')).toMatchObject({ exitCode: 9, stdout: 'end\n' });
  });

  test('is not started when its folder cannot be made', async () => {
    using root = makeRoot();
    const env = standInSystemd(root);
    await durable(shell, root, env, 'true').ended;
    writeFileSync(join(root.state, 'run-2'), '');
    const one = command(`echo x >>${root.path}/ran`, { durable: true });
    const script = callScript(NONCE, { command: one, guard: guard(1, { run: 'run-2' }), machineId: MACHINE }, []);
    expect((await start(shell, root.path, script, NONCE, env).ended).refused).toMatchObject({
      why: 'state',
      detail: expect.stringContaining('could not keep the command in'),
    });
    expect(text(join(root.path, 'ran'))).toBeNull();
  });
});

test('the unit of a command has a name that systemd takes, the same for the same command only', () => {
  const names = [
    unitOf(guard(1, { step: 'packages:open-vm-tools,jq' }), command('a')),
    unitOf(guard(1, { step: 'packages:open-vm-tools/jq' }), command('a')),
    unitOf(guard(1, { step: 'packages:open-vm-tools,jq' }), command('b')),
    unitOf(guard(1, { step: 'packages:open-vm-tools,jq', attempt: 2 }), command('a')),
    unitOf(guard(1, { step: 'x'.repeat(500), run: 'y'.repeat(500) }), command('a')),
  ];
  expect(unitOf(guard(9, { step: 'packages:open-vm-tools,jq' }), command('a'))).toBe(names[0]);
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toMatch(/^drover-run_1-packages_open_vm_tools_jq-1-[0-9a-f]{8}$/);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,200}$/);
});
