import { UnknownSyntax } from './syntax.ts';

/** A place in a script. */
export type Cursor = { readonly text: string; at: number };

/** The character at the cursor, the empty text at the end. */
export const peek = (cursor: Cursor): string => cursor.text[cursor.at] ?? '';

/** Whether the text goes on with this at the cursor. */
export const startsWith = (cursor: Cursor, text: string): boolean => cursor.text.startsWith(text, cursor.at);

/** Gives up, and shows where. @throws UnknownSyntax */
export const fail = (cursor: Cursor, what: string): never => {
  const line = cursor.text.slice(0, cursor.at).split('\n').length;
  const near = cursor.text.slice(Math.max(0, cursor.at - 20), cursor.at + 20).replaceAll('\n', ' ');
  throw new UnknownSyntax(`${what} (line ${line}, near "${near}")`);
};

/** Skips blanks, escaped line ends and comments; line ends too, if asked. */
export const skipBlanks = (cursor: Cursor, newlines = false): void => {
  for (;;) {
    const char = peek(cursor);
    if (char === ' ' || char === '\t' || (newlines && char === '\n')) cursor.at += 1;
    else if (startsWith(cursor, '\\\n')) cursor.at += 2;
    else if (char === '#') while (peek(cursor) !== '\n' && peek(cursor) !== '') cursor.at += 1;
    else return;
  }
};
