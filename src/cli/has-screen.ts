import type { Cli } from './context.ts';
import type { OutputFlags } from './flags.ts';

/** Whether the full screen is to be had and wanted; else plain lines are told. */
export const hasScreen = ({ terminal, env }: Cli, { plain, json, screenReader }: OutputFlags): boolean =>
  terminal !== null && env['TERM'] !== 'dumb' && plain !== true && json !== true && !readsAloud(env, screenReader);

/** Whether what is told is read aloud by a program: sentences then, and no screen. */
export const readsAloud = (env: Cli['env'], flag: boolean | undefined): boolean => flag === true || env['INK_SCREEN_READER'] === 'true';

const locale = (env: Cli['env']): string => env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';

/** How the terminal wants to be drawn on. */
export const lookOf = ({
  env,
}: Cli): { readonly look: { readonly ascii: boolean; readonly timeZone: string }; readonly colour: boolean } => ({
  colour: (env['NO_COLOR'] ?? '') === '',
  look: {
    // a locale that is set and speaks no UTF-8 means a terminal that shows none; one that is not set says nothing
    ascii: locale(env) !== '' && !/utf-?8/i.test(locale(env)),
    // asked when a time of day is shown: the answer takes its time
    get timeZone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
  },
});
