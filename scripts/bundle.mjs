// Makes one file of each package that a command needs at once, in dist/, and points what tsc has put there to it: a command starts in two thirds of
// the time, and the screen opens in half. Runs behind tsc; does nothing when what lies there was made from the very same packages.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
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
};
const made = createHash('sha256');
for (const path of [join(root, 'package-lock.json'), seam, fileURLToPath(import.meta.url), changesFile]) made.update(readFileSync(path));
const stamp = `// made by scripts/bundle.mjs from ${made.digest('hex')}\n`;

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
for (const [name, code] of Object.entries(packages)) await bundle(join(vendor, `${name}.js`), `${name}.entry.js`, code);

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

const bare = new RegExp(`from '(${Object.keys(packages).join('|')})';`, 'g');
for (const path of filesOf(dist)) point(path, bare, (_all, name) => `from '${between(path, join(vendor, `${name}.js`))}';`);

// the screen's own modules, which are many and small; what others use as well stays what it is
const tui = join(dist, 'src', 'tui');
const screen = join(vendor, 'screen.js');
const own = createHash('sha256').update(stamp);
for (const path of filesOf(tui).sort()) if (path !== ink) own.update(readFileSync(path));
const screenStamp = `// made by scripts/bundle.mjs from ${own.digest('hex')}\n`;
if (!existsSync(screen) || !readFileSync(screen, 'utf8').startsWith(screenStamp)) {
  const { rolldown } = await import('rolldown');
  const made = await rolldown({
    input: join(tui, 'app', 'watch.js'),
    platform: 'node',
    external: (id, _parent, resolved) => resolved && (id === ink || (id.startsWith(dist) && !id.startsWith(tui))),
  });
  const paths = (id) => (id.startsWith(dist) ? between(screen, id) : id);
  const { output } = await made.generate({ format: 'esm', minify: true, codeSplitting: false, paths });
  await made.close();
  writeFileSync(screen, screenStamp + output[0].code);
}
for (const path of filesOf(join(dist, 'src', 'cli')))
  point(path, /import\('(?:\.\.\/)+tui\/app\/watch\.js'\)/g, () => `import('${between(path, screen)}')`);
