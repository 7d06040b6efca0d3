import type { Key } from 'ink';
import type { ReactNode } from 'react';
import { ink } from './ink.ts';

const { Box, Text, createElement, memo, useApp, useCursor, useInput, usePaste } = ink;

/** What the terminal shows: a text a row, and where the cursor is when something is typed. */
export type Painted = { readonly rows: readonly string[]; readonly cursor?: { readonly row: number; readonly column: number } };

/** Whom the application tells what it hears. */
export type Hears = {
  input(text: string, key: Key): void;
  paste(text: string): void;
  /** How the terminal is given away for a while; known from the first frame on. */
  mounted(app: Pick<ReturnType<typeof useApp>, 'suspendTerminal'>): void;
};

/** One row; React leaves it alone as long as its text is the same. */
const Row = memo(({ text }: { readonly text: string }): ReactNode => createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : text));

/** The whole application: lays out the rows of a frame from the top of the terminal down, and decides nothing. */
export const Rows = ({ painted: { rows, cursor }, hears }: { readonly painted: Painted; readonly hears: Hears }): ReactNode => {
  hears.mounted(useApp());
  useInput(hears.input);
  usePaste(hears.paste);
  useCursor().setCursorPosition(cursor && { x: cursor.column, y: cursor.row });
  return createElement(
    Box,
    { flexDirection: 'column', height: rows.length },
    rows.map((text, index) => createElement(Row, { key: index, text })),
  );
};
