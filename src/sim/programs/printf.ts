import type { Program } from './program.ts';

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0', '"': '"' };
const unescape = (text: string): string => text.replace(/\\([ntr\\0"])/g, (_, char: string) => escapes[char] ?? char);

/** printf(1) with %s, %d, %b and %%; the format is used again until all words are taken. */
export const printf: Program = (call) => {
  const [format = '', ...words] = call.args;
  const template = unescape(format);
  const left = [...words];
  do {
    const before = left.length;
    call.out(
      template.replace(/%([%sdb]|0?(\d+)[sd])/g, (whole: string, kind: string, width?: string) => {
        if (kind === '%') return '%';
        const word = left.shift() ?? (kind.endsWith('d') ? '0' : '');
        if (kind === 'b') return unescape(word);
        return width === undefined ? word : word.padStart(Number(width), whole.startsWith('%0') ? '0' : ' ');
      }),
    );
    if (left.length === before) break;
  } while (left.length > 0);
  return 0;
};
