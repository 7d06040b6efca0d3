/** A text without what a terminal would act on (a node's output is not trusted); line breaks become `lineBreak`. */
export const printable = (text: string, lineBreak = ' '): string =>
  text
    .trimEnd()
    .replace(/\r?\n/g, lineBreak)
    .replaceAll('\t', ' ')
    // oxlint-disable-next-line no-control-regex -- these are what is looked for
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '');

/** At most `length` characters, with `…` for what is cut off. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;

/** The first characters of an id that people compare by eye: `3f2a…`. */
export const shortId = (id: string): string => (id.length <= 8 ? id : `${id.slice(0, 4)}…`);

/** Rows of cells as aligned columns, two blanks between them, nothing behind the last. */
export const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};

const codes = { red: '31', green: '32', yellow: '33', cyan: '36', bold: '1', dim: '2' } as const;
/** A colour or weight; never the only signal, a word or sign always says the same. */
export type Colour = keyof typeof codes;

/** Paints a text; the plain one does nothing. */
export type Paint = (colour: Colour, text: string) => string;

/** Leaves texts as they are. */
export const noPaint: Paint = (_colour, text) => text;

/** Paints for a terminal, unless NO_COLOR says otherwise (https://no-color.org). */
export const paintFor = (
  out: { readonly isTTY: boolean },
  env: { readonly NO_COLOR?: string | undefined; readonly TERM?: string | undefined },
): Paint =>
  out.isTTY && (env.NO_COLOR === undefined || env.NO_COLOR === '') && env.TERM !== 'dumb'
    ? (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m`
    : noPaint;
