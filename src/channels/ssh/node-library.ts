import { ARM_LIBRARY } from './library-arm.ts';
import { DEADMAN_LIBRARY } from './library-deadman.ts';
import { FILES_LIBRARY } from './library-files.ts';
import { GUARD_LIBRARY } from './library-guard.ts';
import { DURABLE_LIBRARY, UNITS_LIBRARY } from './library-units.ts';

/**
 * How calls run and how their results are framed.
 *
 * Around each result stand marker lines with a nonce that no command knows, each behind a newline of its own, so that output without a last
 * newline or with any bytes in it is kept exactly. `drover_look` runs several reads and gathers what they print on each stream (dd(1)), since
 * sshd sends every write of theirs as a packet, and a packet costs both sides more than what is in it.
 */
const CALLS_LIBRARY = `
drover_say() { printf 'drover: %s\\n' "$*" >&2; }
drover_begin() {
  read -r drover_up drover_idle </proc/uptime
  printf '\\n%s begin %s %s\\n' "$1" "$2" "$drover_up"
  printf '\\n%s begin %s %s\\n' "$1" "$2" "$drover_up" >&2
}
drover_end() {
  read -r drover_up drover_idle </proc/uptime
  printf '\\n%s end %s %s %s\\n' "$1" "$2" "$3" "$drover_up" >&2
  printf '\\n%s end %s %s %s\\n' "$1" "$2" "$3" "$drover_up"
}
drover_run() {
  if [ -n "$2" ]; then printf %s "$2" 2>/dev/null | ( eval "$1" ); else ( eval "$1" ) </dev/null; fi
}
drover_read() {
  if [ "$drover_ran" != 1 ]; then return 0; fi
  drover_begin "$1" "$2"
  drover_run "$3" "$4"
  drover_end "$1" "$2" "$?"
}
drover_whole() { dd bs=65536 iflag=fullblock 2>/dev/null; }
drover_look() {
  if [ "$drover_ran" != 1 ]; then return 0; fi
  { { { eval "$1"; } 2>&1 1>&3 3>&- | drover_whole >&2 3>&-; } 3>&1 | drover_whole; }
}
`;

const HEAD = `# drover's node library, POSIX sh
DROVER_ROOT=\${DROVER_ROOT-} DROVER_RUN_DIR= drover_ran=1 drover_name= drover_halting=
DROVER_HOME=$DROVER_ROOT/var/lib/drover
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
`;

/** Parts of the library as they are sent, without what only people need: a shell that reads its script byte by byte (bash) pays for each. */
const joined = (...all: readonly string[]): string => all.join('').replaceAll(/\n\s+/g, '\n');

/** What a script calls beside reads. */
export type Calls = {
  /** It has a mutating command, or ends one. */
  readonly guarded: boolean;
  /** The mutating command is a durable one. */
  readonly durable: boolean;
  /** One of its texts calls the functions for files. */
  readonly files: boolean;
  /** One of its texts asks the guard of an address move, or arms it, which takes the functions for files as well. */
  readonly deadman: 'none' | 'asked' | 'armed';
};

const parts = ({ guarded, durable, files, deadman }: Calls): string =>
  joined(
    HEAD,
    CALLS_LIBRARY,
    ...(guarded ? [GUARD_LIBRARY, UNITS_LIBRARY] : []),
    ...(durable ? [DURABLE_LIBRARY] : []),
    ...(files ? [FILES_LIBRARY] : []),
    ...(deadman === 'none' ? [] : [DEADMAN_LIBRARY]),
    ...(deadman === 'armed' ? [ARM_LIBRARY] : []),
  );

const either = [true, false] as const;
const guards = ['none', 'asked', 'armed'] as const;
const choices = either.flatMap((guarded) =>
  either.flatMap((durable) => either.flatMap((files) => guards.map((deadman): Calls => ({ guarded, durable, files, deadman })))),
);
const nameOf = ({ guarded, durable, files, deadman }: Calls): string => `${guarded} ${durable} ${files} ${deadman}`;
const libraries: ReadonlyMap<string, string> = new Map(choices.map((calls) => [nameOf(calls), parts(calls)]));
/** The longest first, because a shorter one may be its beginning. */
const longestFirst: readonly string[] = [...libraries.values()].toSorted((a, b) => b.length - a.length);

/** Which functions a command's text calls, beside those that run it. */
export const callsOf = (...texts: readonly string[]): Pick<Calls, 'files' | 'deadman'> => ({
  files: texts.some((text) => /drover_(?!deadman_(?!arm))/.test(text)),
  deadman: texts.some((text) => text.includes('drover_deadman_arm'))
    ? 'armed'
    : texts.some((text) => text.includes('drover_deadman_'))
      ? 'asked'
      : 'none',
});

/**
 * The node library: POSIX sh that stands in front of every script which drover sends for dash and bash; tested with both.
 *
 * Parts that the script cannot need are left out.
 * DROVER_ROOT goes before every path on the node; it is empty but in tests. Programs speak English and are found in the sbin folders too.
 */
export const libraryFor = (calls: Calls): string => libraries.get(nameOf(calls)) ?? parts(calls);

/** What stands behind the library in a script; undefined for a script without one. */
export const behindLibrary = (script: string): string | undefined => {
  const library = longestFirst.find((one) => script.startsWith(one));
  return library === undefined ? undefined : script.slice(library.length);
};
