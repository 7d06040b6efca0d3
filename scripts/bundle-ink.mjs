// Makes one file of Ink and React in dist/, where tsc has put what only imports them: the screen then opens in less than half the time.
// Runs behind tsc; does nothing when what lies there was made from the very same packages and the same seam.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const seam = join(root, 'src', 'tui', 'app', 'ink.ts');
const out = join(root, 'dist', 'src', 'tui', 'app', 'ink.js');

const KNOWN = 4096;

/**
 * What is made otherwise in the packages: Ink measures every row and takes it apart anew for each frame, although nearly all rows are those of the
 * frame before. What it found is kept, so that a frame costs a third. The versions are pinned; a text that is not there any more fails the build.
 */
const changes = [
  {
    // Ink's window to React's developer tools, which are not there
    file: '/ink/build/devtools.js',
    make: () => 'export {}',
  },
  {
    file: '/ink/build/output.js',
    make: (code) =>
      replaced(
        replaced(code, 'caches = new OutputCaches();', 'caches = cachesOfAllFrames();'),
        'export default class Output {',
        `let shared;
const cachesOfAllFrames = () => (shared === undefined || shared.styledChars.size > ${KNOWN} ? (shared = new OutputCaches()) : shared);
export default class Output {`,
      ),
  },
  {
    file: '/string-width/index.js',
    make: (code) => `${replaced(code, 'export default function stringWidth(', 'function measured(')}
const known = new Map();
export default function stringWidth(input, options) {
	if (options !== undefined || typeof input !== 'string') return measured(input, options);
	let width = known.get(input);
	if (width === undefined) {
		if (known.size > ${KNOWN}) known.clear();
		width = measured(input);
		known.set(input, width);
	}
	return width;
}
`,
  },
];

const replaced = (code, was, is) => {
  if (code.split(was).length !== 2) throw new Error(`the package is not as it was: ${was} is not in it once`);
  return code.replace(was, is);
};

const made = createHash('sha256');
for (const path of [join(root, 'package-lock.json'), seam, fileURLToPath(import.meta.url)]) made.update(readFileSync(path));
const stamp = `// Ink and React in one file, made from ${made.digest('hex')}\n`;

if (!existsSync(out) || !readFileSync(out, 'utf8').startsWith(stamp)) {
  const { rolldown } = await import('rolldown');
  const found = new Set();
  const bundle = await rolldown({
    input: seam,
    platform: 'node',
    plugins: [
      {
        name: 'changes',
        transform: (code, id) => {
          const change = changes.find(({ file }) => id.endsWith(file));
          if (change) found.add(change.file);
          return change?.make(code);
        },
      },
    ],
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  await bundle.close();
  const missing = changes.filter(({ file }) => !found.has(file)).map(({ file }) => file);
  if (missing.length > 0) throw new Error(`the packages are not as they were: no ${missing.join(', ')}`);
  writeFileSync(out, stamp + output[0].code);
}
