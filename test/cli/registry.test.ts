import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findRunbook, listRunbooks, runbookOfRun } from '../../src/cli/registry.ts';
import { tempFolder } from './temp-folder.ts';

const hello = (name: string): string => `export default { name: '${name}', summary: 'Says hello.', version: 1,
  params: { parse: (input) => input }, vars: { parse: (input) => input },
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0 }, onFailure: 'pause', steps: () => [] };`;

const place = (files: Readonly<Record<string, string>>) => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, 'runbooks'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, 'runbooks', name), text);
  return { cwd, fleetPath: join(cwd, 'fleet.yaml') };
};

test('finds runbooks beside fleet.yaml by name, and any by its path', async () => {
  const at = place({
    'hello.mjs': hello('hello'),
    'typed.ts': `const n: string = 'typed';\n${hello('typed').replace("'typed'", 'n')}`,
    'hello.test.ts': '!',
    'notes.md': '',
  });
  expect((await findRunbook('hello', at)).runbook.name).toBe('hello');
  expect(await findRunbook('typed', at)).toMatchObject({ runbook: { name: 'typed' }, file: join(at.cwd, 'runbooks', 'typed.ts') });
  expect((await findRunbook('./runbooks/hello.mjs', { cwd: at.cwd, fleetPath: undefined })).runbook.name).toBe('hello');
});

test('says what is near and what there is when a runbook is unknown', async () => {
  const at = place({ 'hello.mjs': hello('hello') });
  await expect(findRunbook('helo', at)).rejects.toThrow(
    /^there is no runbook helo; did you mean hello\?\nthere are:\n(.*\n)* {2}hello\s+Says hello\.$/,
  );
  await expect(findRunbook('./nothing.ts', at)).rejects.toThrow('there is no runbook file ./nothing.ts');
});

test.each(['runbooks', './runbooks', 'runbooks/'])('says that %s is a folder, and names the files in it', async (folder) => {
  const at = place({ 'hello.mjs': hello('hello'), 'hello.test.ts': '!' });
  await expect(findRunbook(folder, at)).rejects.toThrow(
    new RegExp(`^${folder} is a folder, not a runbook; name a file in it by its path:\n  runbooks/hello.mjs$`),
  );
  mkdirSync(join(at.cwd, 'empty'));
  await expect(findRunbook('empty', at)).rejects.toThrow(/^empty is a folder, not a runbook$/);
});

test('gives one message with file and reason for a runbook that does not load', async () => {
  const at = place({
    'throws.mjs': "throw new Error('no luck');",
    'empty.mjs': 'export const a = 1;',
    'half.mjs': "export default { name: 'half', version: 1 };",
    'hello.mjs': hello('hello'),
  });
  await expect(findRunbook('throws', at)).rejects.toThrow('the runbook runbooks/throws.mjs does not load: no luck');
  await expect(findRunbook('empty', at)).rejects.toThrow('it lacks a default export made with runbook({ … })');
  await expect(findRunbook('half', at)).rejects.toThrow('it lacks summary (a sentence), steps (a function), rollout');
  expect((await findRunbook('hello', at)).runbook.name).toBe('hello');
  await expect(findRunbook('other', at)).rejects.toThrow(/and these files do not load:(\n {2}the runbook .*){3}$/);
});

test('refuses two runbooks of one name', async () => {
  const at = place({ 'a.mjs': hello('same'), 'b.mjs': hello('same') });
  await expect(findRunbook('same', at)).rejects.toThrow('the runbook runbooks/b.mjs is called same, as runbooks/a.mjs is');
});

test('lists what comes with drover, each with a summary', async () => {
  const { runbooks, broken } = await listRunbooks({ cwd: tmpdir(), fleetPath: undefined });
  expect(broken).toEqual([]);
  for (const { runbook } of runbooks) expect(runbook.summary).toMatch(/\.$/);
});

test("takes drover's own runbooks for its own, also from the folder that they are written in", async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const place = { cwd: root, fleetPath: undefined };
  expect(await findRunbook('migrate-runner-node', place)).toMatchObject({ runbook: { name: 'migrate-runner-node' } });
  expect(await runbookOfRun('migrate-runner-node')).toMatchObject({ name: 'migrate-runner-node' });
  await expect(runbookOfRun('migrate-nobody')).rejects.toThrow('this drover has no runbook migrate-nobody');
});
