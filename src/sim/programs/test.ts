import { lookUp, normalise } from '../node/files.ts';
import { look } from '../node/view.ts';
import type { Call, Program } from './program.ts';

const unary = (call: Call, operator: string, word: string): boolean | undefined => {
  const path = normalise(word);
  const { entry } = look(call.machine, path, call.now());
  switch (operator) {
    case '-n':
      return word !== '';
    case '-z':
      return word === '';
    case '-e':
      return entry !== undefined;
    case '-f':
      return entry?.kind === 'file';
    case '-d':
      return entry?.kind === 'directory';
    case '-L':
    case '-h':
      return lookUp(call.machine.files, path)?.kind === 'symlink';
    case '-s':
      return entry?.kind === 'file' && entry.content !== '';
    case '-x':
      return entry !== undefined && (entry.mode & 0o111) !== 0;
    case '-r':
    case '-w':
      return entry !== undefined;
    default:
      return undefined;
  }
};

const binary = (left: string, operator: string, right: string): boolean | undefined => {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '-eq':
      return Number(left) === Number(right);
    case '-ne':
      return Number(left) !== Number(right);
    case '-lt':
      return Number(left) < Number(right);
    case '-le':
      return Number(left) <= Number(right);
    case '-gt':
      return Number(left) > Number(right);
    case '-ge':
      return Number(left) >= Number(right);
    default:
      return undefined;
  }
};

const evaluate = (call: Call, words: readonly string[]): boolean | undefined => {
  const [first = '', second = '', third = ''] = words;
  if (first === '!' && words.length > 1) {
    const inner = evaluate(call, words.slice(1));
    return inner === undefined ? undefined : !inner;
  }
  if (words.length < 2) return first !== '';
  if (words.length === 2) return unary(call, first, second);
  return words.length === 3 ? binary(first, second, third) : undefined;
};

const status = (call: Call, words: readonly string[]): number => {
  const answer = evaluate(call, words);
  if (answer !== undefined) return answer ? 0 : 1;
  call.err(`the simulator does not know: test ${words.join(' ')}\n`);
  return 2;
};

/** test(1): files, texts and numbers; -a and -o are not known. */
export const test: Program = (call) => status(call, call.args);

/** `[`, which wants its `]`. */
export const bracket: Program = (call) => {
  if (call.args.at(-1) === ']') return status(call, call.args.slice(0, -1));
  call.err('sh: 1: [: missing ]\n');
  return 2;
};
