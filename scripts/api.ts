// Writes docs/api.md: what runbooks and their tests import, from the docstrings of what src/index.ts and src/rehearsal/index.ts export.
// Run by `npm run api`; test/docs/api.test.ts holds the page up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { parseSync } from 'rolldown/utils';

type Parsed = ReturnType<typeof parseSync>;
type Statement = Parsed['program']['body'][number];
type Declaration =
  NonNullable<Extract<Statement, { type: 'ExportNamedDeclaration' }>['declaration']> | Extract<Statement, { type: 'VariableDeclaration' }>;
type Init = NonNullable<Extract<Declaration, { type: 'VariableDeclaration' }>['declarations'][number]['init']>;
type Source = { readonly path: string; readonly text: string; readonly parsed: Parsed };
/** Something that is exported: how it is written, and what is said about it. */
type Entry = { readonly title: string; readonly doc: string; readonly code: string };

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = new Map<string, Source>();
const sourceOf = (path: string): Source => {
  const known = sources.get(path);
  if (known) return known;
  const text = readFileSync(join(root, path), 'utf8');
  const made = { path, text, parsed: parseSync(path, text) };
  sources.set(path, made);
  return made;
};

const docText = (comment: string): string => {
  const lines = comment
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''));
  const text = lines.join('\n').trim();
  return text
    .replace(/@example\n([\s\S]*?)(?=\n\n|\n@|$)/g, '```ts\n$1\n```')
    .replace(/(^|\s)@throws (\w+)/g, '$1\n\n_Throws_ `$2`')
    .replace(/(^|\s)@returns /g, '$1\n\n_Gives_ ')
    .replace(/(^|\s)@param (\w+)/g, '$1\n\n`$2`:');
};

/** The docstring right above; things of one kind may share that of the first. */
const docAbove = ({ text, parsed }: Source, start: number): string => {
  const above = parsed.comments.findLast(({ type, value, end }) => type === 'Block' && value.startsWith('*') && end <= start);
  if (!above) return '';
  const between = text.slice(above.end, start).trim();
  return between === '' || /^(export (const|type) [^\n]*;\n?)+$/.test(between) ? docText(above.value) : '';
};

const declared = ({ parsed }: Source, name: string): { readonly declaration: Declaration; readonly start: number } | undefined => {
  for (const statement of parsed.program.body) {
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement.type === 'VariableDeclaration' ? statement : null;
    if (!declaration) continue;
    const names =
      declaration.type === 'VariableDeclaration'
        ? declaration.declarations.map(({ id }) => (id.type === 'Identifier' ? id.name : ''))
        : 'id' in declaration && declaration.id !== null && 'name' in declaration.id
          ? [declaration.id.name]
          : [];
    if (names.includes(name)) return { declaration, start: statement.start };
  }
  return undefined;
};

/** The file that a name is imported from. */
const importedFrom = ({ path, parsed }: Source, name: string): Source | undefined => {
  const found = parsed.program.body.find(
    (statement) => statement.type === 'ImportDeclaration' && statement.specifiers.some(({ local }) => local.name === name),
  );
  return found?.type === 'ImportDeclaration' ? sourceOf(join(dirname(path), found.source.value)) : undefined;
};

/** `name(what: it takes): WhatItGives`. */
const signature = ({ text }: Source, title: string, init: Init): string => {
  if (init.type !== 'ArrowFunctionExpression') return `const ${title} = ${text.slice(init.start, init.end)}`;
  const { typeParameters, params, returnType } = init;
  const types = typeParameters ? text.slice(typeParameters.start, typeParameters.end) : '';
  const takes = params.map(({ start, end }) => text.slice(start, end)).join(', ');
  const gives = returnType ? text.slice(returnType.start, returnType.end) : '';
  // a word that can be formatted; it is taken away behind that
  return `function ${title.replace('.', '__')}${types}(${takes})${gives};`;
};

const entriesOf = (source: Source, name: string, title = name): readonly Entry[] => {
  const found = declared(source, name);
  if (!found) {
    const other = importedFrom(source, name);
    if (!other) throw new Error(`${source.path} has no ${name}`);
    return entriesOf(other, name, title);
  }
  const { declaration, start } = found;
  const doc = docAbove(source, start);
  if (declaration.type !== 'VariableDeclaration')
    return [{ title, doc, code: source.text.slice(declaration.start, declaration.end).replace(/^export /, '') }];
  const init = declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name)?.init;
  if (!init) throw new Error(`${source.path}: ${name} has no value`);
  const value = init.type === 'TSAsExpression' ? init.expression : init;
  if (value.type !== 'ObjectExpression') return [{ title, doc, code: signature(source, title, value) }];
  const members = value.properties.flatMap((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' && property.value.type === 'Identifier'
      ? entriesOf(source, property.value.name, `${title}.${property.key.name}`)
      : [],
  );
  return members.length === 0 ? [{ title, doc, code: signature(source, title, value) }] : members;
};

/** What a file hands on, in its order, by the file that it comes from. */
const exportsOf = (path: string): readonly { readonly from: string; readonly entries: readonly Entry[] }[] =>
  sourceOf(path).parsed.program.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' || !statement.source?.value.startsWith('.')) return [];
    const from = join(dirname(path), statement.source.value);
    const names = statement.specifiers.map(({ local }) => ('name' in local ? local.name : local.value));
    // what is handed on by another index is told there
    const nested = sourceOf(from).path.endsWith('/index.ts') ? exportsOf(from) : [];
    if (nested.length > 0)
      return nested.flatMap((one) => [{ ...one, entries: one.entries.filter(({ title }) => names.includes(title.split('.')[0] ?? '')) }]);
    return [{ from, entries: names.flatMap((name) => entriesOf(sourceOf(from), name)) }];
  });

const shown = ({ title, doc, code }: Entry): string => `### ${title}\n\n${doc}\n\n\`\`\`ts\n${code}\n\`\`\``;

/** The whole page. @throws Error when something that is exported is not found, or says nothing of itself */
export const apiPage = async (): Promise<string> => {
  const authoring = exportsOf('src/index.ts');
  const under = (title: string, about: string, groups: typeof authoring): string => {
    const entries = groups.flatMap((group) => group.entries);
    const mute = entries.filter(({ doc }) => doc === '');
    if (mute.length > 0) throw new Error(`without a docstring: ${mute.map((entry) => entry.title).join(', ')}`);
    return `## ${title}\n\n${about}\n\n${entries.map(shown).join('\n\n')}`;
  };
  const page = [
    '<!-- Written by npm run api. -->\n\n# What runbooks import',
    "`import { … } from 'drover'` in runbooks, `import { … } from 'drover/sim'` in their tests; [writing-runbooks.md](writing-runbooks.md) shows how they go together. `z` is [zod](https://zod.dev).",
    under(
      'Steps',
      'What is put into the `steps` of a runbook.',
      authoring.filter(({ from }) => from.startsWith('src/steps/')),
    ),
    under(
      'Runbooks, and steps of your own',
      'What runbooks and steps are made of.',
      authoring.filter(({ from }) => !from.startsWith('src/steps/')),
    ),
    under('Tests', 'From `drover/sim`.', exportsOf('src/rehearsal/index.ts')),
  ].join('\n\n');
  const formatted = await format(page, { parser: 'markdown', printWidth: 140, singleQuote: true });
  return formatted.replaceAll(/```ts\nfunction (\w+?)(?:__(\w+))?([<(])/g, (_all, name: string, member: string | undefined, rest: string) =>
    ['```ts\n', name, ...(member === undefined ? [] : ['.', member]), rest].join(''),
  );
};

if (import.meta.main) writeFileSync(join(root, 'docs/api.md'), await apiPage());
