import { look, readText } from '../node/view.ts';
import { normalise } from '../node/files.ts';
import { type Program, options } from './program.ts';

const classes: Readonly<Record<string, string>> = {
  space: '\\s',
  blank: ' \\t',
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
};

/** A POSIX regular expression as one of JavaScript's; in a basic one `+ ? | ( ) { }` are plain unless they are escaped. */
const compile = (pattern: string, extended: boolean, fixed: boolean, ignoreCase: boolean, word: boolean): RegExp => {
  const plain = fixed
    ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : pattern.replace(/\[:(\w+):\]/g, (_, name: string) => classes[name] ?? '');
  const source =
    extended || fixed ? plain : plain.replace(/\\?[+?|(){}]/g, (found) => (found.length === 2 ? found.slice(1) : `\\${found}`));
  return new RegExp(word ? `\\b(?:${source})\\b` : source, ignoreCase ? 'i' : '');
};

/** grep(1) with -E -F -q -s -i -v -w -x -c -l -o -h -H -n -z; exit code 2 when a file cannot be read and nothing was found before. */
export const grep: Program = (call) => {
  const { flags, rest } = options(call.args, ['-e']);
  const letters = [...flags.keys()].filter((flag) => !flag.startsWith('--')).join('');
  const has = (letter: string): boolean => letters.includes(letter);
  const [pattern = '', ...paths] = flags.has('-e') ? [flags.get('-e')?.[0] ?? '', ...rest] : rest;
  const source = compile(pattern, has('E'), has('F'), has('i'), has('w'));
  const matcher = has('x') ? new RegExp(`^(?:${source.source})$`, source.flags) : source;
  const end = has('z') ? '\0' : '\n';
  const named = has('H') || (paths.length > 1 && !has('h'));
  let found = false;
  let failed = false;
  const search = (path: string, text: string): void => {
    const lines = text.split(end);
    if (lines.at(-1) === '') lines.pop();
    const hits = lines.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => matcher.test(line) !== has('v'));
    if (hits.length > 0) found = true;
    if (has('q')) return;
    const prefix = named ? `${path}:` : '';
    if (has('c')) call.out(`${prefix}${hits.length}\n`);
    else if (has('l')) call.out(hits.length > 0 ? `${path}\n` : '');
    else
      for (const { line, number } of hits) {
        const shown = has('o') ? [...line.matchAll(new RegExp(matcher.source, `${matcher.flags}g`))].map(([match]) => match) : [line];
        for (const text of shown) call.out(`${prefix}${has('n') ? `${number}:` : ''}${text}${end}`);
      }
  };
  if (paths.length === 0) search('(standard input)', call.stdin());
  for (const path of paths) {
    const read = readText(call.machine, normalise(path), call.user, call.now());
    if ('text' in read) search(path, read.text);
    else {
      failed = failed || look(call.machine, normalise(path), call.now()).entry?.kind !== 'directory';
      if (!has('s')) call.err(`grep: ${path}: ${read.error}\n`);
    }
  }
  return failed && !(has('q') && found) ? 2 : found ? 0 : 1;
};
