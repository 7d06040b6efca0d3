// Makes one file of each package that a command needs at once, and few of drover's own modules, in dist/vendor, and points what tsc has put into dist/
// there: a command starts in two thirds of the time, and the screen opens in half. Runs behind tsc; does nothing when nothing has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changes, changesFile } from './bundle-changes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const vendor = join(dist, 'vendor');
const seam = join(root, 'src', 'tui', 'app', 'ink.ts');

/** The packages, and what of them is used; all of zod, because runbooks use what they like. */
const packages = {
  zod: `export * from 'zod';`,
  ioredis: `export { Redis } from 'ioredis';`,
  'string-width': `export { default } from 'string-width';`,
  yaml: `export { LineCounter, isMap, isNode, isScalar, parse, parseDocument, stringify } from 'yaml';`,
  '@kubernetes/client-node/dist/config.js': `export { KubeConfig } from '@kubernetes/client-node/dist/config.js';`,
};
/** The file of a package. */
const fileOf = (name) => join(vendor, `${name.replaceAll('/', '-').replace(/\.js$/, '')}.js`);
const from = createHash('sha256');
for (const path of [join(root, 'package-lock.json'), seam, fileURLToPath(import.meta.url), changesFile]) from.update(readFileSync(path));
const stamp = `// made by scripts/bundle.mjs from ${from.digest('hex')}\n`;

/** One file of a module and all that it needs. @param code the module, when it is not the file `input` */
const bundle = async (out, input, code) => {
  if (existsSync(out) && readFileSync(out, 'utf8').startsWith(stamp)) return;
  const { rolldown } = await import('rolldown');
  const entry = code === undefined ? input : join(root, input);
  const found = new Set();
  const made = await rolldown({
    input: entry,
    platform: 'node',
    plugins: [
      {
        name: 'changes',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
        transform: (text, id) => {
          const change = changes.find(({ file }) => id.endsWith(file));
          if (change) found.add(change);
          return change?.make(text);
        },
      },
    ],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const { output } = await made.generate({ format: 'esm', minify: true, codeSplitting: false });
  await made.close();
  if (input === seam && found.size < changes.length)
    throw new Error('Ink is not as it was: not all of its files that are made otherwise were found');
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, stamp + output[0].code);
};

const ink = join(dist, 'src', 'tui', 'app', 'ink.js');
await bundle(ink, seam);
for (const [name, code] of Object.entries(packages)) await bundle(fileOf(name), `${name.replaceAll('/', '-')}.entry.js`, code);

/** The path by which a file of dist/ imports another. */
const between = (from, to) => relative(dirname(from), to).replace(/^(?!\.)/, './');
const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(vendor));
const point = (path, pattern, to) => {
  const code = readFileSync(path, 'utf8');
  const pointed = code.replace(pattern, to);
  if (pointed !== code) writeFileSync(path, pointed);
};

const bare = new RegExp(`(from |import\\()'(${Object.keys(packages).map(RegExp.escape).join('|')})'`, 'g');
for (const path of filesOf(dist)) point(path, bare, (_all, how, name) => `${how}'${between(path, fileOf(name))}'`);

/** Files of dist/ and all that they import at once. */
const closure = (starts) => {
  const found = new Set(starts);
  for (const path of found)
    for (const [, to] of readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)'/g)) found.add(join(dirname(path), to));
  return found;
};

// drover's own modules, which are many and small, in a few files: linking them one by one takes longer than all that they do. What runbooks import
// stays what it is, so that there is one of each; so does the registry, which finds them by its own place.
const cli = join(vendor, 'cli');
const kept = closure([join(dist, 'src', 'index.js'), ink]);
const staysOut = (path) =>
  kept.has(path) || [vendor, join(dist, 'src', 'sim'), join(dist, 'src', 'cli', 'registry.js')].some((place) => path.startsWith(place));
const main = join(dist, 'src', 'cli', 'main.js');
const own = createHash('sha256').update(stamp);
// main is pointed at what is made here, and is no part of it
for (const path of filesOf(dist).sort()) if (path !== ink && path !== main) own.update(readFileSync(path));
const ownStamp = own.digest('hex');
const made = join(cli, 'made-from');
if (!existsSync(made) || readFileSync(made, 'utf8') !== ownStamp) {
  const { rolldown } = await import('rolldown');
  const bundled = await rolldown({
    input: join(dist, 'src', 'cli', 'app.js'),
    platform: 'node',
    external: (id, parent, resolved) => {
      if (!resolved && !id.startsWith('.')) return true;
      return staysOut(resolved ? id : join(dirname(parent), id));
    },
  });
  rmSync(cli, { recursive: true, force: true });
  await bundled.write({ dir: cli, format: 'esm', paths: (id) => (id.startsWith(dist) ? between(made, id) : id) });
  await bundled.close();
  writeFileSync(made, ownStamp);
}
point(main, `import('./app.js')`, `import('../../vendor/cli/app.js')`);
// what is newer than this was not built yet: see test/built.ts
writeFileSync(join(dist, '.built'), '');
