import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { codeOnly } from './code-only.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

type Source = {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** Imports of our own files. */ readonly imports: readonly string[];
  readonly packages: readonly string[];
};

const read = (path: string, text = readFileSync(join(root, path), 'utf8')): Source => {
  const specifiers = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)[^;'"`]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  const imports = specifiers.filter((name) => name.startsWith('.')).map((name) => relative(root, join(root, dirname(path), name)));
  return { path, text, lines: text.split('\n'), imports, packages: specifiers.filter((name) => !name.startsWith('.')) };
};

const walk = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

const sources = ['src', 'workers', 'runbooks'].flatMap((folder) => walk(folder)).map((path) => read(path));
const tests = walk('test').map((path) => read(path));
const layerOf = (path: string): string =>
  path.startsWith('src/') ? (path.split('/')[2] === undefined ? 'index' : (path.split('/')[1] ?? '')) : (path.split('/')[0] ?? '');

/** What each layer may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  facts: ['core'],
  steps: ['core', 'facts'],
  channels: ['core'],
  journal: ['core'],
  engine: ['core'],
  sim: ['core', 'channels'],
  rehearsal: ['core', 'journal', 'queue', 'sim', 'words'],
  index: ['core', 'facts', 'steps'],
  runbooks: ['index', 'core', 'facts', 'steps'],
  queue: ['core', 'facts', 'journal', 'engine'],
  workers: ['core', 'journal', 'engine', 'queue', 'channels'],
  words: ['core'],
  tui: ['core', 'engine', 'words'],
  cli: [
    'core',
    'words',
    'facts',
    'steps',
    'channels',
    'journal',
    'engine',
    'queue',
    'workers',
    'sim',
    'rehearsal',
    'tui',
    'index',
    'runbooks',
  ],
};

/** Tells where files break a rule, as `path:line: text`. */
const linesWith = (files: readonly Source[], pattern: RegExp, of: (file: Source) => string = ({ text }) => codeOnly(text)): string[] =>
  files.flatMap((file) =>
    of(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}: ${file.lines[index]?.trim()}`] : [])),
  );

test('tells code from texts, comments and regular expressions', () => {
  const text = "a('x as y', `b ${c({ d: `e ${f}` })} as g`, /['\"`]/) / h; // as i\n/* as j */ k";
  expect(codeOnly(text).replace(/ +/g, ' ')).toBe('a( , c({ d: f }) , ) / h; \n k');
  expect(codeOnly(text).length).toBe(text.length);
});

describe('the house', () => {
  test('has the layers that the rules speak of', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect([...new Set(sources.map(({ path }) => layerOf(path)))].filter((layer) => !(layer in allowed))).toEqual([]);
  });

  test('imports only files that are there', () => {
    const there = new Set(sources.map(({ path }) => path));
    expect(sources.flatMap(({ path, imports }) => imports.filter((to) => !there.has(to)).map((to) => `${path} -> ${to}`))).toEqual([]);
  });

  test('imports one way: core knows nobody, the command line knows all', () => {
    const wrong = sources.flatMap(({ path, imports }) => {
      const layer = layerOf(path);
      return imports.filter((to) => layerOf(to) !== layer && !allowed[layer]?.includes(layerOf(to))).map((to) => `${path} -> ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  test('has no cycle among files', () => {
    // types may know each other; what runs may not
    const graph = new Map(
      sources.map(({ path, text }) => [path, read(path, text.replace(/(?:^|\n)(?:import|export) type [^;]*;/g, '')).imports]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      if (done.has(path) || way.includes(path)) return;
      for (const to of graph.get(path) ?? []) visit(to, [...way, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  test('keeps the core pure: no packages, no clock, no chance, no environment', () => {
    const core = sources.filter(({ path }) => layerOf(path) === 'core');
    expect(core.filter(({ packages }) => packages.length > 0).map(({ path, packages }) => `${path}: ${packages.join(', ')}`)).toEqual([]);
    expect(linesWith(core, /\bDate\b|\bMath\.random\b|\bprocess\b|\bsetTimeout\b|\bfetch\b|\bcrypto\b|\bconsole\b/)).toEqual([]);
  });

  test('keeps what is on the screen pure: what it shows and what keys do follow from what it was given', () => {
    const screen = sources.filter(({ path }) => layerOf(path) === 'tui' && !path.startsWith('src/tui/app/'));
    expect(screen.length).toBeGreaterThan(30);
    expect(
      screen.flatMap(({ path, imports }) => imports.filter((to) => to.startsWith('src/tui/app/')).map((to) => `${path} -> ${to}`)),
    ).toEqual([]);
    const pure = screen.flatMap(({ path, packages }) =>
      packages.filter((name) => name !== 'string-width').map((name) => `${path}: ${name}`),
    );
    expect(pure).toEqual([]);
    expect(linesWith(screen, /\bDate\b|\bMath\.random\b|\bprocess\b|\bsetTimeout\b|\bperformance\b|\bconsole\b/)).toEqual([]);
  });

  test('keeps --version and --help light: what the command line loads first knows no heavy package', () => {
    const heavy = /^(bullmq|ioredis|ssh2|zod|yaml|zx|@kubernetes|ink|react)/;
    const seen = new Set<string>();
    const load = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const file = sources.find((source) => source.path === path);
      const statics = [...(file?.text.matchAll(/(?:^|\n)(?:import|export)(?!\s+type)[^;]*?from\s+'(\.[^']+)'/g) ?? [])];
      for (const match of statics) load(relative(root, join(root, dirname(path), match[1] ?? '')));
    };
    load('src/cli/app.ts');
    expect(seen.size).toBeGreaterThan(5);
    const found = sources
      .filter(({ path }) => seen.has(path))
      .flatMap(({ path, packages }) => packages.filter((name) => heavy.test(name)).map((name) => `${path}: ${name}`));
    expect(found).toEqual([]);
  });

  test('has no file over 250 lines', () => {
    expect([...sources, ...tests].filter(({ lines }) => lines.length > 251).map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual(
      [],
    );
  });

  test('has a docstring on everything that is exported, one sentence first', () => {
    const bare = sources.flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => {
        if (!/^export (?:default )?(?:async )?(?:abstract )?(?:const|function\*?|type|interface|class) [\w$]/.test(line)) return [];
        const above = lines[index - 1]?.trim() ?? '';
        // things of one kind may share the docstring of the first, when nothing stands between them
        const shared = /^export (?:const|type) /.test(above) && above.endsWith(';');
        return above.endsWith('*/') || shared ? [] : [`${path}:${index + 1}: ${line}`];
      }),
    );
    expect(bare).toEqual([]);
  });

  test('neither says any nor casts', () => {
    expect(linesWith(sources, /(?:[:<]\s*|\bas\s+|[^|]\|\s*|[^&]&\s*)any\b(?!\s*[:=(])/)).toEqual([]);
    expect(
      linesWith(
        sources.map((file) => ({
          ...file,
          text: file.text.replace(/(?:import|export)\s[^;]*?;/g, (found) =>
            /\bfrom\b/.test(found) ? found.replace(/[^\n]/g, ' ') : found,
          ),
        })),
        /\)?\s\bas (?!const\b)[A-Za-z{[(]/,
      ),
    ).toEqual([]);
    expect(linesWith(sources, /@ts-(?:ignore|expect-error|nocheck)/, ({ text }) => text)).toEqual([]);
  });

  test('reads the environment only in the command line and the workers', () => {
    const below = sources.filter(({ path }) => !['cli', 'workers'].includes(layerOf(path)));
    expect(linesWith(below, /\bprocess\s*\.\s*env\b/)).toEqual([]);
  });

  test('has no enum, no barrel in a layer, no default export but runbooks, no class but errors', () => {
    expect(linesWith(sources, /^\s*(?:export )?(?:const )?enum /)).toEqual([]);
    expect(
      linesWith(
        sources.filter(({ path }) => !path.startsWith('runbooks/')),
        /^export default\b/,
      ),
    ).toEqual([]);
    expect(
      linesWith(
        sources.filter(({ path }) => path !== 'src/core/error.ts'),
        /^\s*(?:export )?(?:abstract )?class (?!\w+ extends \w*Error\b)/,
      ),
    ).toEqual([]);
    const exempt = ['src/index.ts', 'src/sim/index.ts', 'src/rehearsal/index.ts', 'runbooks/index.ts'];
    expect(
      linesWith(
        sources.filter(({ path }) => !exempt.includes(path)),
        /^export (?:\*|\{)/,
      ),
    ).toEqual([]);
    expect(sources.filter(({ path }) => /\/utils?\b/.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test('leaves nothing for later: no TODO, no test that is skipped or alone', () => {
    expect(
      linesWith(
        [...sources, ...tests.filter(({ path }) => path !== 'test/architecture.test.ts')],
        /\b(?:TODO|FIXME|XXX)\b/,
        ({ text }) => text,
      ),
    ).toEqual([]);
    expect(linesWith(tests, /\b(?:test|it|describe)\s*\.\s*(?:skip|only|todo|fails)\s*\(/)).toEqual([]);
  });

  test('writes test titles as sentences', () => {
    const titles = tests.flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*(?:test|it)\(\s*['`]([^'`]+)['`]/gm)].map((match) => ({ path, title: match[1] ?? '' })),
    );
    expect(titles.length).toBeGreaterThan(20);
    expect(
      titles
        .filter(({ title }) => !/^[a-z@"$-].* .*[^.]$/.test(title) || /\bshould\b/.test(title))
        .map(({ path, title }) => `${path}: ${title}`),
    ).toEqual([]);
  });
});
