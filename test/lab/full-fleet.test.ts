import { beforeAll, expect, test } from 'vitest';
import { startLab } from './lab.ts';
import { expectMigrated, expectUpgraded, picture } from './picture.ts';
import { buildDrover, expectEnd, kernelStarted, migrate, runOf, runWithinMs, startWorker } from './runs.ts';

beforeAll(buildDrover);

test('a worker that is killed with -9 while the second of two nodes boots leaves a run that a new worker finishes, each node with one boot', async () => {
  await using lab = await startLab({ nodes: 2, bridges: 'one' });
  const [one, two] = [await picture(lab, 'n1', 2), await picture(lab, 'n2', 2)];
  await using first = await startWorker(lab);
  const words = migrate('run', ['n1', 'n2'], 'none', '--soak', '10s', '--detach', '--yes', '--json');
  const run = runOf(await lab.drover(words, { withinMs: 180_000 }));
  await using watching = lab.droverSpawn(['watch', run, '--json']);
  await watching.event('the first node is done', runWithinMs, ({ type, node }) => type === 'node.finished' && node === 'n1');
  await kernelStarted(lab, 'n2', two.kernels + 1);
  first.kill('SIGKILL');
  expect((await first.ended).exitCode).toBe(-1);
  await using _second = await startWorker(lab);
  expectEnd(await watching.ended, 0, 'succeeded');
  const after = await picture(lab, 'n1', 2);
  expectMigrated(one, after);
  expectMigrated(two, await picture(lab, 'n2', 2));
  expectUpgraded(one.release, after.release, run, ['n1', 'n2']);
}, 1_800_000);
