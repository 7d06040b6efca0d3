import { listFolder, normalise } from '../node/files.ts';
import type { Machine } from '../node/machine.ts';
import type { Running } from '../programs/program.ts';
import { type Frame, child } from './frame.ts';
import type { Part, Script, Word } from './syntax.ts';

/** Runs a script; given by the evaluator, so that expanding and running need not import each other. */
export type RunScript = (script: Script, frame: Frame) => Running;

/** Text with a mark whether it was quoted, which keeps it from being split and matched. */
type Piece = { readonly text: string; readonly quoted: boolean };

const variable = (frame: Frame, name: string): string | undefined => {
  if (name === '?') return String(frame.status);
  if (name === '$') return '4711';
  return frame.variables.get(name);
};

function* piece(part: Part, frame: Frame, run: RunScript): Generator<number, readonly Piece[], void> {
  switch (part.kind) {
    case 'text':
      return [part];
    case 'variable': {
      const value = variable(frame, part.name);
      if ((value === undefined || value === '') && part.fallback) {
        const pieces: Piece[] = [];
        for (const one of part.fallback) pieces.push(...(yield* piece(one, frame, run)));
        return pieces;
      }
      return [{ text: value ?? '', quoted: part.quoted }];
    }
    case 'output': {
      let text = '';
      const inner = child(frame, { out: (more) => (text += more) });
      frame.status = yield* run(part.script, inner);
      return [{ text: text.replace(/\n+$/, ''), quoted: part.quoted }];
    }
  }
}

const special = /[*?[]/;
const escape = (text: string): string => text.replace(/[.+^${}()|\\/]/g, '\\$&');

/** The pattern of one part of a path as a regular expression; what was quoted stands for itself. */
const toRegExp = (pieces: readonly Piece[]): RegExp => {
  const source = pieces.map(({ text, quoted }) =>
    quoted
      ? text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
      : escape(text).replaceAll('*', '[^/]*').replaceAll('?', '[^/]').replaceAll('[!', '[^'),
  );
  return new RegExp(`^${source.join('')}$`);
};

const matchFiles = (machine: Machine, pieces: readonly Piece[]): readonly string[] => {
  const pattern = toRegExp(pieces);
  const text = pieces.map((one) => one.text).join('');
  const fixed = text.slice(0, text.search(special));
  const depth = text.split('/').length;
  let found = [normalise(fixed.slice(0, fixed.lastIndexOf('/') + 1) || '/')];
  for (let level = (found[0] === '/' ? '' : (found[0] ?? '')).split('/').length; level < depth; level++) {
    found = found.flatMap((dir) => listFolder(machine.files, dir).map((name) => `${dir === '/' ? '' : dir}/${name}`));
  }
  return found.filter((path) => pattern.test(path) && !/\/\.[^/]*$/.test(path)).sort();
};

/** Expands a word to one text: for assignments and redirects. */
export function* expandOne(word: Word, frame: Frame, run: RunScript): Generator<number, string, void> {
  let text = '';
  for (const part of word) for (const one of yield* piece(part, frame, run)) text += one.text;
  return text;
}

/** Expands a word to its arguments: variables, output of commands, splitting, file names. */
export function* expandWord(word: Word, frame: Frame, run: RunScript): Generator<number, readonly string[], void> {
  const fields: Piece[][] = [];
  let open: Piece[] | undefined;
  for (const part of word) {
    for (const one of yield* piece(part, frame, run)) {
      if (one.quoted || part.kind === 'text') {
        (open ??= []).push(one);
        continue;
      }
      const split = one.text.split(/[ \t\n]+/);
      split.forEach((text, index) => {
        if (index > 0 && open) {
          fields.push(open);
          open = undefined;
        }
        if (text !== '') (open ??= []).push({ text, quoted: false });
      });
    }
  }
  if (open) fields.push(open);
  return fields.flatMap((pieces) => {
    const text = pieces.map((one) => one.text).join('');
    if (!pieces.some((one) => !one.quoted && special.test(one.text)) || !text.startsWith('/')) return [text];
    const files = matchFiles(frame.machine, pieces);
    return files.length > 0 ? files : [text];
  });
}
