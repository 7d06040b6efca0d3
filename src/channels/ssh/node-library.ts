import { FILES_LIBRARY } from './library-files.ts';
import { GUARD_LIBRARY } from './library-guard.ts';

/**
 * How calls run and how their results are framed.
 *
 * Around each result stand marker lines with a nonce that no command knows, each behind a newline of its own, so that output without a last
 * newline or with any bytes in it is kept exactly. `drover_look` runs several reads and gathers what they print on each stream (dd(1)), since
 * sshd sends every write of theirs as a packet, and a packet costs both sides more than what is in it. `drover_durable` runs a text whose output goes on being read when the connection is
 * gone: sshd(8) sends no signal then, but the next write to a closed pipe would end the command.
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
drover_durable() {
  drover_log=$DROVER_RUN_DIR/durable
  ( umask 077; mkdir -p "$DROVER_RUN_DIR" && : >"$drover_log.out" && : >"$drover_log.err" ) || return 1
  { { { ( eval "$1" ); printf '%s\\n' "$?" >"$drover_log.code"; } 2>&1 1>&3 | ( trap '' PIPE HUP; tee "$drover_log.err" ) >&2 2>/dev/null; } 3>&1 |
    ( trap '' PIPE HUP; tee "$drover_log.out" 2>/dev/null ); }
  drover_code=1
  if [ -f "$drover_log.code" ]; then read -r drover_code <"$drover_log.code"; fi
  rm -f "$drover_log.out" "$drover_log.err" "$drover_log.code"
  return "$drover_code"
}
`;

const HEAD = `# drover's node library, POSIX sh
DROVER_ROOT=\${DROVER_ROOT-} DROVER_RUN_DIR= drover_ran=1
DROVER_HOME=$DROVER_ROOT/var/lib/drover
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
`;

/** Parts of the library as they are sent, without what only people need: a shell that reads its script byte by byte (bash) pays for each. */
const joined = (...parts: readonly string[]): string => parts.join('').replaceAll(/\n\s+/g, '\n');

/** The library with everything in it first, because the shorter ones may be its beginning. */
const LIBRARIES = {
  all: joined(HEAD, CALLS_LIBRARY, FILES_LIBRARY, GUARD_LIBRARY),
  guard: joined(HEAD, CALLS_LIBRARY, GUARD_LIBRARY),
  files: joined(HEAD, CALLS_LIBRARY, FILES_LIBRARY),
  calls: joined(HEAD, CALLS_LIBRARY),
} as const;

/** What a text calls that is not itself a call of the protocol: one of the functions for files. */
const callsFiles = /drover_(?!(?:read|look|guarded|durable|stop)\b)/;

/**
 * The node library: POSIX sh that stands in front of every script which drover sends for dash and bash; tested with both.
 *
 * DROVER_ROOT goes before every path on the node; it is empty but in tests. Programs speak English and are found in the sbin folders too.
 *
 * @param calls the script that follows; parts that it cannot need are left out
 * @param guarded it has a mutating command, or ends one
 */
export const libraryFor = (calls: string, guarded: boolean): string => {
  if (callsFiles.test(calls)) return guarded ? LIBRARIES.all : LIBRARIES.files;
  return guarded ? LIBRARIES.guard : LIBRARIES.calls;
};

/** What stands behind the library in a script; undefined for a script without one. */
export const behindLibrary = (script: string): string | undefined => {
  const library = Object.values(LIBRARIES).find((one) => script.startsWith(one));
  return library === undefined ? undefined : script.slice(library.length);
};
