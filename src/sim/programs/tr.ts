import { type Program, unknown } from './program.ts';

const expand = (set: string): string =>
  set
    .replace(/\\n/g, '\n')
    .replace(/\\0/g, '\0')
    .replace(/\\t/g, '\t')
    .replace(/(.)-(.)/g, (_, from: string, to: string) => {
      let all = '';
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) all += String.fromCharCode(code);
      return all;
    });

/** tr(1): one set of characters into another, or -d to leave one out. */
export const tr: Program = (call) => {
  const [first = '', second = ''] = call.args;
  const text = call.stdin();
  if (first === '-d')
    call.out(
      Array.from(text)
        .filter((char) => !expand(second).includes(char))
        .join(''),
    );
  else if (first.startsWith('-') && first.length > 1) return unknown(call, 'tr');
  else {
    const [from, to] = [expand(first), expand(second)];
    call.out(
      Array.from(text)
        .map((char) => {
          const at = from.indexOf(char);
          return at < 0 ? char : (to[at] ?? to.at(-1) ?? '');
        })
        .join(''),
    );
  }
  return 0;
};
