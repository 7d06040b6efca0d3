import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { operator } from './drover.ts';
import { fleet } from './fleet.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ran = async (folder: string, program: string, ...args: string[]): Promise<{ readonly code: number; readonly text: string }> => {
  const words = [join(root, 'node_modules', program), ...args];
  return promisify(execFile)(process.execPath, words, { cwd: folder, env: { ...process.env, VITEST: '' } }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, text: `${error.stdout}${error.stderr}` }),
  );
};
const tsc = 'typescript/bin/tsc';

/** Puts drover there as `npm install` does with a `file:` dependency: built, with its own packages beside it. */
const install = async (folder: string): Promise<void> => {
  const built = join(folder, 'built');
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(built);
  const build = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(built, 'dist'), '--tsBuildInfoFile', join(built, 'info')];
  expect(await ran(root, tsc, ...build)).toEqual({ code: 0, text: '' });
  cpSync(join(root, 'package.json'), join(built, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'));
  symlinkSync(built, join(folder, 'node_modules/drover'));
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
};

const forgetful = `import { cordon, disruption, file, runbook, z } from 'drover';
export default runbook({
  name: 'forgetful', summary: 'Forgets to uncordon.', version: 1, params: z.object({}), vars: z.object({}),
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0 }, onFailure: 'pause',
  steps: () => [disruption({ open: [cordon()], inner: [file('/etc/motd.d/forgetful', { content: 'x' })], close: [] })],
});
`;
const wrong = `import { rehearse } from 'drover/sim';
import hello from '../runbooks/hello.ts';
// @ts-expect-error there is no such parameter
export const wrong = () => rehearse(hello, { params: { greting: 'x' } });
`;
const finding =
  'forgetful: cordon keeps pods away from the node, and nothing behind it lets them in again: close with uncordon()  [cordoned]';

test('drover init makes a folder whose types and test hold, and whose runbooks are checked, planned and run', async () => {
  await using sim = await fleet(1);
  await using ops = operator(sim);
  const folder = join(ops.stateDir, 'trial');
  const first = await ops.drover(['init', 'trial']);
  expect(first.stdout.match(/^wrote .*$/gm)?.length).toBe(7);
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
    dependencies: { drover: `file:${root.replace(/\/$/, '')}` },
  });

  await install(folder);
  // where the types did not reach the folder, nothing would be wrong here, and that is an error
  writeFileSync(join(folder, 'test/wrong.ts'), wrong);
  expect(await ran(folder, tsc)).toEqual({ code: 0, text: '' });
  const tested = await ran(folder, 'vitest/vitest.mjs', 'run', '--testTimeout', '60000');
  expect(tested.text).toMatch(/Tests\s+3 passed/);

  const again = await ops.drover(['init', 'trial']);
  expect(again.stdout.match(/^kept .*$/gm)?.length).toBe(7);

  const here = ['--fleet', 'trial/fleet.yaml'];
  expect(await ops.drover(['check', 'hello', ...here])).toMatchObject({ exitCode: 0, stdout: '✓ hello: nothing found on 1 path\n' });
  writeFileSync(join(folder, 'runbooks/forgetful.ts'), forgetful);
  writeFileSync(join(folder, 'runbooks/broken.ts'), 'export default 1;\n');
  const all = await ops.drover(['check', ...here]);
  expect(all).toMatchObject({ exitCode: 2, stdout: expect.stringContaining(`✗ ${finding}\n`) });
  expect(all.stdout).toContain('✗ the runbook trial/runbooks/broken.ts does not load: it lacks');

  const planned = await ops.drover(['plan', 'trial/runbooks/hello.ts']);
  expect(planned).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('+ load iptable_nat at boot') });
  // what is found refuses nothing
  expect(await ops.drover(['plan', 'trial/runbooks/forgetful.ts'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`! ${finding}\n`),
  });
  expect(await ops.drover(['run', 'trial/runbooks/forgetful.ts', '--yes', '--json'])).toMatchObject({
    exitCode: 0,
    stderr: `drover: ${finding}\n`,
  });
  expect(sim.node('runner-1').cordoned).toBe(true);
}, 240_000);
