import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { type Ended, type Line, type Operator, linesOf, operator } from './drover.ts';
import { fleet } from './fleet.ts';
import { motd } from './motd.ts';
import { tcpRedis } from './tcp-redis.ts';

let sim: Sim;
let anna: Operator;
beforeAll(async () => {
  sim = await fleet(3);
});
afterAll(async () => sim.close());
const fresh = (): Operator => (anna = operator(sim));

const run = (...more: readonly string[]): string[] => ['run', motd(anna), '--yes', '--json', ...more];
const runIdOf = (ended: Ended): string => linesOf(ended)[0]?.run ?? '';
const last = (ended: Ended): Line | undefined => linesOf(ended).at(-1);
const began = (ended: Ended): string[] => [...new Set(linesOf(ended).flatMap(({ type, node }) => (type === 'plan.started' ? [node] : [])))];

/** Nothing but JSON on the standard output, and no stack anywhere. */
const clean = ({ stdout, stderr }: Ended): void => {
  for (const line of stdout.split('\n').filter((text) => text !== '')) expect(() => void JSON.parse(line)).not.toThrow();
  expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+|a bug in drover/);
};

describe('the exit code and the last line', () => {
  it('are 0 and run.finished when all nodes are as wished', async () => {
    await using _ = fresh();
    const ended = await anna.drover(run());
    expect(last(ended)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    expect(ended.exitCode).toBe(0);
    clean(ended);
  }, 60_000);

  it('are 1 and run.finished when all nodes have ended and one failed', async () => {
    await using _ = fresh();
    const ended = await anna.drover(run('runner-1', 'runner-2', '--set', 'broken=runner-2'));
    expect(last(ended)).toMatchObject({ type: 'run.finished', outcome: 'failed' });
    expect(ended.exitCode).toBe(1);
    clean(ended);
  }, 60_000);

  it('are 4 and run.halted when more nodes failed than may, and others have not begun', async () => {
    await using _ = fresh();
    const ended = await anna.drover(run('--set', 'broken=runner-1', '--canary', '1'));
    expect(last(ended)).toMatchObject({ type: 'run.halted', why: expect.stringMatching(/max-failures 0.*runner-1 \(failed\)/) });
    expect(ended.exitCode).toBe(4);
    expect(began(ended)).toEqual(['runner-1']);
    clean(ended);
    const show = await anna.drover(['show', runIdOf(ended)]);
    expect(show.stdout).toContain('3 nodes: 1 failed (runner-1), 2 pending (runner-2, runner-3)');
    const alone = `nobody works on this run now, nodes stay as they are: drover resume ${runIdOf(ended)} goes on\n`;
    expect(show.stdout).toContain(alone);

    // one more may fail when somebody says so from the beginning
    const more = await anna.drover(run('--set', 'broken=runner-1', '--max-failures', '1', 'runner-1', 'runner-2'));
    expect(more.stderr).toMatch(/runner-1 is in run \w+, started by/);
    await anna.drover(['cancel', runIdOf(ended), '--yes']);
    expect((await anna.drover(['show', runIdOf(ended)])).stdout).not.toContain('nobody works');
    const two = await anna.drover(run('--set', 'broken=runner-1', '--max-failures', '1', 'runner-1', 'runner-2'));
    expect(began(two)).toEqual(['runner-1', 'runner-2']);
    expect(two.exitCode).toBe(1);
  }, 90_000);

  it('are 2, with nothing but a message, when preflight refuses here', async () => {
    await using _ = fresh();
    sim.setFaults('runner-2', { diskFull: true });
    const ended = await anna.drover(run());
    sim.setFaults('runner-2', {});
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(/runner-2: the file system .* is full.*nothing was touched/s);
    clean(ended);
  }, 60_000);

  it('are 2 and run.finished when preflight refuses at the workers, which look again before anything begins', async () => {
    await using _ = fresh();
    const worker = anna.start(['worker']);
    await worker.printed(/takes up to/);
    worker.child.kill('SIGSTOP');
    const runId = /"run":"(\w+)"/.exec((await anna.drover(run('--detach'))).stdout)?.[1] ?? '';
    const touched = sim.node('runner-1').commands.length;
    sim.setFaults('runner-2', { diskFull: true });
    worker.child.kill('SIGCONT');
    const ended = await anna.drover(['watch', runId, '--json']);
    sim.setFaults('runner-2', {});
    expect(last(ended)).toMatchObject({
      type: 'run.finished',
      outcome: 'refused',
      why: expect.stringMatching(/is full.*--exclude runner-2/),
    });
    expect(ended.exitCode).toBe(2);
    expect(began(ended)).toEqual([]);
    expect(sim.node('runner-1').commands).toHaveLength(touched);
    clean(ended);
  }, 60_000);

  it('are 3 and run.finished when all was rolled back', async () => {
    await using _ = fresh();
    const ended = await anna.drover(run('runner-1', '--set', 'broken=runner-1', '--on-failure', 'rollback'));
    expect(last(ended)).toMatchObject({ type: 'run.finished', outcome: 'rolled-back' });
    expect(ended.exitCode).toBe(3);
    clean(ended);
  }, 60_000);

  it('are 4 and run.halted when a node waits for a word, and 0 once it came', async () => {
    await using _ = fresh();
    const waits = anna.start(run('runner-1', '--set', 'slow=runner-1'));
    const runId = await waits.printed(/"run":"(\w+)"/);
    await waits.printed(/"type":"step.asked"/);
    expect((await anna.drover(['pause', runId])).exitCode).toBe(0);
    const ended = await waits.ended;
    expect(last(ended)).toMatchObject({ type: 'run.halted', why: expect.stringContaining('runner-1') });
    expect(ended.exitCode).toBe(4);
    clean(ended);
    expect((await anna.drover(['approve', runId, 'approval:go'])).exitCode).toBe(0);
    const resumed = await anna.drover(['resume', runId, '--json']);
    expect(last(resumed)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    expect(resumed.exitCode).toBe(0);
  }, 90_000);

  it('are 130 and run.finished when somebody cancelled', async () => {
    await using _ = fresh();
    const waits = anna.start(run('--set', 'slow=runner-1'));
    const runId = await waits.printed(/"run":"(\w+)"/);
    await waits.printed(/"type":"step.asked"/);
    expect((await anna.drover(['cancel', runId, '--yes'])).exitCode).toBe(0);
    const ended = await waits.ended;
    expect(last(ended)).toMatchObject({ type: 'run.finished', outcome: 'cancelled' });
    expect(ended.exitCode).toBe(130);
    clean(ended);
  }, 60_000);

  it('are 5 and one message when Redis is gone for good, and the run goes on when it is back', async () => {
    await using _ = fresh();
    await using redis = await tcpRedis();
    const env = { REDIS_URL: redis.url };
    const waits = anna.start(run('runner-1', '--set', 'slow=runner-1'), env);
    const runId = await waits.printed(/"run":"(\w+)"/);
    await waits.printed(/"type":"step.asked"/);
    await redis.kill();
    const ended = await waits.ended;
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toMatch(/drover: .*Redis/);
    clean(ended);
    await redis.start();
    expect((await anna.drover(['approve', runId, 'approval:go'], env)).exitCode).toBe(0);
    const resumed = await anna.drover(['resume', runId, '--json'], env);
    expect(last(resumed)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    expect(resumed.exitCode).toBe(0);
  }, 90_000);
});
