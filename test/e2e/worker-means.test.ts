import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Operator, type Running, linesOf, operator } from './drover.ts';
import { fleet } from './fleet.ts';

const text = `
import { file, runbook, z } from 'drover';
export default runbook({
  name: 'lone', summary: 'A file on each node.', version: 1, params: z.object({}), vars: z.object({}),
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0 }, onFailure: 'pause',
  steps: () => [file('/etc/lone', { content: 'here\\n' })],
});
`;

/** A runbook file of an operator, which may be taken away and put back. */
const runbookFile = (anna: Operator): { readonly path: string; put(): void; take(): void } => {
  const path = join(anna.stateDir, 'runbooks', 'lone.ts');
  mkdirSync(join(anna.stateDir, 'runbooks'));
  const put = (): void => writeFileSync(path, text);
  put();
  return { path, put, take: () => rmSync(path) };
};

const startedWorker = async (anna: Operator): Promise<Running> => {
  const worker = anna.start(['worker']);
  await worker.printed(/takes up to/);
  return worker;
};

const detached = async (anna: Operator, path: string): Promise<string> => {
  const begun = await anna.drover(['run', path, '--yes', '--json', '--detach']);
  expect(begun.stderr).toBe('');
  return /"run":"(\w+)"/.exec(begun.stdout)?.[1] ?? '';
};

describe('a worker without the runbook of a run', () => {
  it('halts it visibly when no other has it, and goes on by itself when it is there', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const runbook = runbookFile(anna);
    const worker = await startedWorker(anna);
    // so that it does not load the runbook while the run is begun
    worker.child.kill('SIGSTOP');
    const run = await detached(anna, runbook.path);
    runbook.take();
    worker.child.kill('SIGCONT');
    const watching = await anna.drover(['watch', run]);
    expect(watching.exitCode).toBe(4);
    expect(watching.stdout).toMatch(
      /halted: the only worker there is, .*, cannot work on it: the runbook .*lone\.ts does not load: Cannot find/,
    );
    expect((await anna.drover(['workers'])).stdout).toMatch(new RegExp(`cannot work on run ${run}: the runbook`));
    expect((await anna.drover(['runs'])).stdout).toMatch(/halted/);
    runbook.put();
    await eventually('the run succeeds', async () => /"stands":"succeeded"/.test((await anna.drover(['runs', '--json'])).stdout));
    expect(sim.names.map((name) => sim.node(name).file('/etc/lone')?.content)).toEqual(['here\n', 'here\n']);
  }, 60_000);

  it('leaves it to one that has it', async () => {
    await using sim = await fleet(6);
    await using anna = operator(sim);
    const runbook = runbookFile(anna);
    const poor = await startedWorker(anna);
    poor.child.kill('SIGSTOP');
    await startedWorker(anna);
    const run = await detached(anna, runbook.path);
    const watching = anna.start(['watch', run, '--json']);
    await watching.printed(/"type":"plan.started"/);
    runbook.take();
    poor.child.kill('SIGCONT');
    const ended = await watching.ended;
    expect(ended.exitCode).toBe(0);
    expect(linesOf(ended).filter(({ type }) => type === 'run.halted')).toEqual([]);
    expect(linesOf(ended).filter(({ type }) => type === 'node.finished')).toHaveLength(6);
  }, 60_000);
});
