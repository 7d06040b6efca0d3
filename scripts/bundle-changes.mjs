// What scripts/bundle.mjs makes otherwise in the packages of the screen. The versions are pinned; a text that is not there any more fails the build.
//
// Ink measures every row and takes it apart anew for each frame, although nearly all rows are those of the frame before: what it found is kept, and
// what nearly all of them consist of is measured by its length, so that a frame costs a third. And what only few texts need (the tables of Unicode)
// is made when such a text comes, so that the first frame is there sooner.
import { fileURLToPath } from 'node:url';

/** This file, for the stamp of what is made by it. */
export const changesFile = fileURLToPath(import.meta.url);

const KNOWN = 4096;

const replaced = (code, was, is) => {
  if (code.split(was).length !== 2) throw new Error(`the package is not as it was: ${was} is not in it once`);
  return code.replace(was, () => is);
};
/** Something that is made at the first call of its method. */
const late = (name, method, make) =>
  `let ${name}Made;\nconst ${name} = { ${method}: (text) => (${name}Made ??= ${make}).${method}(text) };`;

/** The files that are made otherwise. */
export const changes = [
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
    file: '/ink/build/line-update.js',
    make: (code) => {
      const segmenter = `new Intl.Segmenter(undefined, { granularity: 'grapheme' })`;
      return replaced(code, `const segmenter = ${segmenter};`, late('segmenter', 'segment', segmenter));
    },
  },
  {
    // it would fetch its own text, and load all that Node has for HTTP
    file: '/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
    make: (code) => {
      if (!code.includes('fetch')) throw new Error('yoga is not as it was: it fetches nothing');
      return `const fetch = undefined;\n${code}`;
    },
  },
  {
    file: '/string-width/index.js',
    make: (code) => {
      const segmenter = 'new Intl.Segmenter()';
      const emoji = String.raw`/^\p{RGI_Emoji}$/v`;
      const all = [
        ['export default function stringWidth(', 'function measured('],
        [`const segmenter = ${segmenter};`, late('segmenter', 'segment', segmenter)],
        [`const rgiEmojiRegex = ${emoji};`, late('rgiEmojiRegex', 'test', String.raw`new RegExp('^\\p{RGI_Emoji}$', 'v')`)],
      ].reduce((text, [was, is]) => replaced(text, was, is), code);
      return `${all}
const known = new Map();
const styles = /\\u001B\\[[\\d;]*m/g;
const oneCellEach = /^[ -~\\u00A1-\\u00AC\\u00AE-\\u02FF…─│■▣□⊘↶⏸▸→‹›–]*$/;
export default function stringWidth(input, options) {
	if (options !== undefined || typeof input !== 'string') return measured(input, options);
	let width = known.get(input);
	if (width === undefined) {
		if (known.size > ${KNOWN}) known.clear();
		const bare = input.replace(styles, '');
		width = oneCellEach.test(bare) ? bare.length : measured(input);
		known.set(input, width);
	}
	return width;
}
`;
    },
  },
];
