import { appendFileSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import type { Sim } from '../../src/sim/index.ts';
import { type Operator, linesOf, operator } from './drover.ts';
import { fleet } from './fleet.ts';
import { motd } from './motd.ts';
import { type HookServer, TOKEN, hookServer } from './webhook-server.ts';

const notifies = (sim: Sim, remind: string): void =>
  appendFileSync(sim.fleetYaml, `\nnotify: { webhook: { env: DROVER_HOOK }, remind: ${remind} }\n`);
const told = ({ got }: HookServer): readonly string[] => got.map(({ kind, node, reminder }) => `${kind} ${node ?? 'run'} ${reminder}`);

/** Everything that drover has kept in its folder, journal and logs. */
const kept = async ({ stateDir }: Operator): Promise<string> => {
  const files = await readdir(join(stateDir, 'state'), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    .join('\n');
};

describe('a webhook', () => {
  it('is told who is asked what, again and again, and when it was answered; its address shows nowhere', async () => {
    await using sim = await fleet(1);
    await using hook = await hookServer();
    await using anna = operator(sim);
    notifies(sim, '1s');
    const env = { DROVER_HOOK: hook.url, SUDO_USER: 'anna' };
    const waits = anna.start(['run', motd(anna), '--set', 'slow=runner-1', '--yes', '--json'], env);
    const runId = await waits.printed(/"run":"(\w+)"/);
    await eventually('people are reminded twice', () => told(hook).includes('asked runner-1 2'));
    expect(hook.got[0]).toMatchObject({
      kind: 'asked',
      of: 'asked',
      run: runId,
      node: 'runner-1',
      step: 'approval:go',
      instructions: 'go on?',
      answers: ['yes', 'no'],
      command: `drover approve ${runId} approval:go runner-1`,
    });
    const show = (await anna.drover(['show', runId])).stdout;
    expect(show).toMatch(/reminded \d×/);
    expect(show).toContain('the step fails and the node stays as it is (the runbook sets no bound, so it has 24h)');
    expect((await anna.drover(['approve', runId, 'approval:go'])).exitCode).toBe(0);
    const ended = await waits.ended;
    expect(ended.exitCode).toBe(0);
    expect(told(hook).at(-1)).toMatch(/^cleared runner-1 \d$/);
    expect(linesOf(ended).filter(({ type }) => type === 'notice.sent').length).toBe(hook.got.length);
    expect(`${ended.stdout}${ended.stderr}${show}`).not.toContain(TOKEN);
    expect(await kept(anna)).toContain('notice.sent');
    expect(await kept(anna)).not.toContain(TOKEN);
  }, 60_000);

  it('is told that a run is halted, although nobody works on it any more a moment later', async () => {
    await using sim = await fleet(2);
    await using hook = await hookServer();
    await using anna = operator(sim);
    notifies(sim, '15m');
    const env = { DROVER_HOOK: hook.url };
    const halted = await anna.drover(['run', motd(anna), '--set', 'broken=runner-1', '--yes', '--json'], env);
    expect(halted.exitCode).toBe(4);
    const runId = linesOf(halted)[0]?.run ?? '';
    expect(told(hook)).toEqual(['halted run 0']);
    expect(hook.got[0]).toMatchObject({ command: `drover show ${runId}`, text: expect.stringContaining('the run is halted: ') });
    expect((await anna.drover(['cancel', runId, '--yes'], env)).exitCode).toBe(0);
    await eventually('people are told that it is over', () => told(hook).length > 1);
    expect(told(hook)).toEqual(['halted run 0', 'cleared run 0']);
  }, 60_000);

  it('that fails or hangs stops no node, and is written down once', async () => {
    await using sim = await fleet(1);
    await using hook = await hookServer();
    await using anna = operator(sim);
    notifies(sim, '1s');
    hook.answer(null);
    const waits = anna.start(['run', motd(anna), '--set', 'slow=runner-1', '--yes', '--plain'], { DROVER_HOOK: hook.url });
    const runId = await waits.printed(/approval:go .*asks a person/).then(async () => {
      const runs = (await anna.drover(['runs', '--json'])).stdout;
      return /"run":"(\w+)"/.exec(runs)?.[1] ?? '';
    });
    await eventually('the webhook hangs', () => hook.got.length > 0);
    // while the webhook hangs, the answer is heard
    expect((await anna.drover(['approve', runId, 'approval:go'])).exitCode).toBe(0);
    await waits.printed(/approval:go .*✓ verified/);
    expect(hook.hanging()).toBeGreaterThan(0);
    hook.answer(500);
    const { stdout, exitCode } = await waits.ended;
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain(TOKEN);
    const show = (await anna.drover(['show', runId])).stdout;
    expect(show.match(/could not be told to anybody/g)?.length ?? 0).toBeLessThanOrEqual(2);
  }, 60_000);

  it('whose variable nobody has set is said once, and the run goes on', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    notifies(sim, '1s');
    const waits = anna.start(['run', motd(anna), '--set', 'slow=runner-1', '--yes', '--plain']);
    await waits.printed(/could not be told to anybody: the environment variable DROVER_HOOK, which holds a secret, is not set/);
    const runs = (await anna.drover(['runs', '--json'])).stdout;
    const runId = /"run":"(\w+)"/.exec(runs)?.[1] ?? '';
    expect((await anna.drover(['approve', runId, 'approval:go'])).exitCode).toBe(0);
    const { stdout, exitCode } = await waits.ended;
    expect(exitCode).toBe(0);
    expect(stdout.match(/could not be told to anybody/g)).toHaveLength(1);
  }, 60_000);
});
