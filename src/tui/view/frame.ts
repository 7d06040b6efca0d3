/** What a span means. The renderer maps it to colours and weights, never to anything that only colour tells. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'bad' | 'warn' | 'active' | 'selected' | 'key';

/** A piece of a line in one tone; no tone is `plain`. */
export type Span = { readonly text: string; readonly tone?: Tone };

/** A line of the screen. */
export type Line = readonly Span[];

/** The terminal's size in cells. */
export type Size = { readonly columns: number; readonly rows: number };

/** All that is on the screen: exactly as many lines as the terminal has rows, none wider than it, so that nothing wraps. Wide characters count two. */
export type Frame = {
  readonly lines: readonly Line[];
  /** Where the text cursor is, when something is typed; counts from 0. */
  readonly cursor?: { readonly row: number; readonly column: number };
};

/** How things are drawn. */
export type Look = {
  /** Signs of ASCII only, for terminals and fonts without the others. */
  readonly ascii?: boolean;
  /** An IANA name, for times of day; UTC when left out. */
  readonly timeZone?: string;
};
