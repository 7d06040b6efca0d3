import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { apiPage } from '../../scripts/api.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Text without its layout: a page indents, and breaks lines, as it likes. */
const words = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/([([{]) | (?=[)\]}])|,(?= ?[)\]}])/g, '$1')
    .trim()
    .replace(/,$/, '');

test('docs/api.md is what npm run api writes of the docstrings', async () => {
  expect(read('docs/api.md')).toBe(await apiPage());
});

test('all code of docs/writing-runbooks.md stands in files that are compiled and tested', () => {
  const folders = ['starter/runbooks', 'starter/test', 'test/docs/own'];
  const files = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => words(read(join(folder, name)))));
  const blocks = [...read('docs/writing-runbooks.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => words(code));
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks.filter((block) => !files.some((file) => file.includes(block)))).toEqual([]);
});
