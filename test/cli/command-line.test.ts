import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadFleet } from '../../src/cli/fleet.ts';
import { findRunbook } from '../../src/cli/registry.ts';
import { tempFolder } from './temp-folder.ts';

const launcher = fileURLToPath(new URL('../../bin/drover', import.meta.url));
const drover = (args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): SpawnSyncReturns<string> =>
  spawnSync(launcher, args, {
    encoding: 'utf8',
    timeout: 15_000,
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), NO_COLOR: '1', ...options.env },
  });

test('says its version, through a link and from any folder', () => {
  const link = join(tempFolder(), 'drover');
  symlinkSync(launcher, link);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { stdout, status } = spawnSync(link, ['--version'], { encoding: 'utf8', cwd: '/' });
  expect({ stdout, status }).toEqual({ stdout: `${version}\n`, status: 0 });
});

test('teaches with --help: how to begin, every command, exit codes, environment', () => {
  const { stdout, status } = drover(['--help']);
  expect(status).toBe(0);
  const commands =
    'demo init doctor nodes plan run adopt watch runs show where logs resume replay rollback cancel pause approve answer hold forget known-hosts worker';
  for (const command of commands.split(' ')) expect(stdout).toMatch(new RegExp(`^ {2}${command} +[A-Z]`, 'm'));
  for (const word of ['Begin here', 'Exit codes', 'DROVER_STATE_DIR', 'REDIS_URL']) expect(stdout).toContain(word);
  expect(drover([]).stdout).toBe(stdout);
  expect(drover(['help']).stdout).toBe(stdout);
});

test('shows the usage, flags and examples of a command', () => {
  const { stdout } = drover(['help', 'plan']);
  expect(stdout).toContain('drover plan RUNBOOK [NODE…] [-l k=v]');
  expect(stdout).toContain('Examples\n  drover plan migrate-runner-node runner-1');
  expect(drover(['plan', '--help']).stdout).toBe(stdout);
  const run = drover(['run', '--help']).stdout;
  for (const words of ['--plan FILE', '--canary', '--max-unavailable', 'order in which', '--spread esxi']) expect(run).toContain(words);
});

test.each([
  [['pln'], 'there is no command pln; did you mean plan?'],
  [['plan', 'x', '--jsn'], 'there is no flag --jsn; did you mean --json?'],
  [['plan'], 'RUNBOOK is missing'],
  [['run'], 'RUNBOOK is missing'],
  [['adopt', 'x'], 'NODE is missing'],
  [['run', 'x', '--max-unavailable', '0'], '"0" cannot be used for max-unavailable: a number of nodes of at least 1 is meant'],
  [['run', '--plan', 'x.plan', 'x'], '--plan runs exactly what was planned, so x cannot be said beside it'],
  [['approve', '7f3k2p'], 'STEP is missing'],
  [['show'], 'RUN is missing'],
  [['show', 'a', 'b'], 'b is one argument too many'],
  [['run', 'x', '--on-failure', 'explode'], '--on-failure is pause or rollback, not explode'],
  [['worker', '--port', '99999'], '"99999" cannot be used for port: a port from 1 to 65535 is meant'],
  [['demo', '--nodes', '0'], '"0" cannot be used for nodes: a whole number of at least 1 is meant'],
  [['plan', 'hello', '--set'], '--set needs a value'],
])('refuses %j with exit code 2 and one message', (args, message) => {
  const { stdout, stderr, status } = drover(args);
  expect(stderr).toContain(`drover: ${message}`);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
});

test('init writes a fleet and a runbook that load, and never overwrites', async () => {
  const cwd = tempFolder();
  const first = drover(['init', 'fleet'], { cwd });
  expect(first.stdout).toContain('wrote fleet/fleet.yaml\nwrote fleet/fleet.schema.json\nwrote fleet/runbooks/hello.ts\n');
  const folder = join(cwd, 'fleet');
  const fleet = loadFleet(join(folder, 'fleet.yaml'), '/home/ops', '/');
  expect(fleet.nodes.map(({ name }) => name)).toEqual(['runner-1', 'runner-2']);
  const { runbook } = await findRunbook('hello', { cwd: folder, fleetPath: fleet.path });
  const [node] = fleet.nodes;
  if (!node) throw new Error('the fleet has no node');
  const steps = runbook.steps({ params: runbook.params.parse({}), vars: runbook.vars.parse({}), node });
  expect(steps.map(({ kind }) => kind)).toEqual(['gate', 'change', 'disruption']);

  writeFileSync(join(folder, 'fleet.yaml'), 'mine');
  expect(drover(['init', 'fleet'], { cwd }).stdout).toContain('kept  fleet/fleet.yaml: it was there already');
  expect(readFileSync(join(folder, 'fleet.yaml'), 'utf8')).toBe('mine');
});

test('init says why it cannot write', () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  const { stderr, status } = drover(['init', join(file, 'x')]);
  expect(stderr).toMatch(/^drover: .* cannot be written: ENOTDIR/);
  expect(status).toBe(2);
});

test('nodes and plan name file and line of a broken fleet.yaml, and start nothing', () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'fleet.yaml'), 'nodes:\n  n1: { adress: 10.0.0.1 }\n');
  const state = join(cwd, 'state');
  for (const args of [['nodes'], ['plan', 'x'], ['run', 'x'], ['doctor']]) {
    const { stderr, status } = drover(args, { cwd, env: { DROVER_STATE_DIR: state } });
    expect(stderr).toMatch(/fleet\.yaml:2:\d+: nodes\.n1\.?/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  }
  expect(existsSync(state)).toBe(false);
});

test.each([
  [['nodes', 'n2'], 'there is no node n2 in fleet.yaml; did you mean n1?'],
  [['nodes', '-l', 'role=x'], 'no node in fleet.yaml matches -l role=x; the labels there are:\n  role: ci'],
  [['nodes', '--fleet', 'other.yaml'], 'there is no file other.yaml, which --fleet names'],
])('%j ends with exit code 2 before anything is started', (args, message) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'fleet.yaml'), 'nodes:\n  n1: { address: 10.0.0.1, labels: { role: ci } }\n');
  const state = join(cwd, 'state');
  const { stderr, status } = drover(args, { cwd, env: { DROVER_STATE_DIR: state } });
  expect(stderr).toContain(message);
  expect(status).toBe(2);
  expect(existsSync(state)).toBe(false);
});

test('check says what it has seen of a runbook, and what it has to be told to see the rest', () => {
  const cwd = tempFolder();
  writeFileSync(
    join(cwd, 'move.ts'),
    `import { runbook, z } from 'drover';
const params = z
  .object({ by: z.enum(['hand', 'program']).default('hand'), program: z.string().optional() })
  .refine(({ by, program }) => by === 'hand' || program !== undefined, { path: ['program'], message: 'is missing' });
export default runbook({ name: 'move', summary: 'x', version: 1, params, vars: z.object({}), rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 }, onFailure: 'pause', steps: () => [] });\n`,
  );
  const missing = drover(['check', './move.ts'], { cwd });
  expect(missing.stdout).toMatch(
    /^! move: not checked \(with by=program\): parameter program is missing.*\n✓ move: nothing found on the other 2 paths, one choice at a time\n$/,
  );
  const told = drover(['check', './move.ts', '--set', 'program=x'], { cwd });
  expect(told.stdout).toMatch(/^✓ move: nothing found on 2 paths, one choice at a time\n$/);
  expect([missing.status, told.status]).toEqual([0, 0]);
});

test.each(['demo conntrack-max --plain', 'demo --serve'])('%s ends when nobody reads on, and leaves nothing behind', (args) => {
  const temporary = tempFolder();
  const { stdout, status, signal } = spawnSync('sh', ['-c', `"$0" ${args} | head -n 1`, launcher], {
    encoding: 'utf8',
    timeout: 30_000,
    cwd: temporary,
    env: { PATH: process.env['PATH'] ?? '', HOME: temporary, TMPDIR: temporary },
  });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  expect(stdout).toMatch(/^A simulated fleet .*\n$/);
  // Node keeps what it compiled
  expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([]);
});
