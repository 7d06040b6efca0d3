import type { ReactNode } from 'react';
import { ink } from './ink.ts';

const { Box, Text, createElement, memo } = ink;

/** One row; React leaves it alone as long as its text is the same. */
const Row = memo(({ text }: { readonly text: string }): ReactNode => createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : text));

/** The painted rows of a frame, from the top of the terminal down; decides nothing. */
export const Rows = ({ rows }: { readonly rows: readonly string[] }): ReactNode =>
  createElement(
    Box,
    { flexDirection: 'column', height: rows.length },
    rows.map((text, index) => createElement(Row, { key: index, text })),
  );
