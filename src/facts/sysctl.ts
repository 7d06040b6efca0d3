import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';
import { dropInGlobs, effectiveDropIns } from './drop-ins.ts';
import { sysctlPath } from './sysctl-key.ts';

/** A file that sets a key at boot, and to what; `pattern` where it does so by one that fits, e.g. `net.ipv4.conf.*.rp_filter`. */
export type SysctlSet = { readonly file: string; readonly pattern: boolean; readonly value: string };

/** One key: its live value (null while the kernel has no such key), and who sets it at boot, in the order that counts: the last one wins. */
export type SysctlKey = { readonly live: string | null; readonly sets: readonly SysctlSet[] };

/** Some keys of /proc/sys on a node, under the names they were asked for. */
export type Sysctl = {
  /** /etc/sysctl.conf: whether a link of sysctl.d leads to it, so that systemd reads it as well, and what it says about the keys. */
  readonly conf: { readonly linked: boolean; readonly values: { readonly [key: string]: string } };
  readonly keys: { readonly [key: string]: SysctlKey };
  /** The assignments of one's own file, or of the one that it would hide, as they stand there. */
  readonly own: readonly string[];
};

const LINK = '/etc/sysctl.d/99-sysctl.conf';
const CONF = '/etc/sysctl.conf';
/** Blank lines and those that begin with `#` or `;` say nothing. */
const SAYS = '^[[:space:]]*[^#;[:space:]]';

const words = (value: string): string => value.trim().split(/\s+/).join(' ');

/** What a line assigns; no value where a `-` takes the key out of what patterns set. */
const assignment = (line: string): { readonly path: string; readonly value: string | undefined } | undefined => {
  const [, minus = '', key = '', value] = /^(-?)\s*([^=]*?)\s*(?:=(.*))?$/.exec(line) ?? [];
  if (key === '' || (value === undefined && minus === '')) return undefined;
  return { path: sysctlPath(key), value: value === undefined ? undefined : words(value) };
};

const isPattern = (path: string): boolean => /[*?[]/.test(path);
const toRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')
      .replaceAll('[!', '[^')}$`,
  );

/** Whether a line of sysctl.d assigns a key, in whatever spelling. */
export const setsKey = (line: string, key: string): boolean => assignment(line)?.path === sysctlPath(key);

/** Who sets a key: an assignment to the key itself counts before one to a pattern, whichever comes last, and a `-KEY` takes it out of patterns. */
const setsOf = (files: readonly { readonly path: string; readonly lines: readonly string[] }[], key: string): readonly SysctlSet[] => {
  const wanted = sysctlPath(key);
  const all = files.flatMap(({ path: file, lines: said }) =>
    said.flatMap((line) => {
      const found = assignment(line);
      return found ? [{ file, ...found }] : [];
    }),
  );
  const exact = all.filter(({ path }) => path === wanted);
  // a later `-KEY` takes back what was assigned before
  if (exact.at(-1) && exact.at(-1)?.value === undefined) return [];
  const patterns = exact.length > 0 ? [] : all.filter(({ path }) => isPattern(path) && toRegExp(path).test(wanted));
  return [...patterns, ...exact].flatMap(({ file, path, value }) =>
    value === undefined ? [] : [{ file, pattern: isPattern(path), value }],
  );
};

/**
 * Reads `Sysctl`; `file` is one's own file, below /etc/sysctl.d.
 *
 * Sources: sysctl.d(5), systemd-sysctl.service(8). Keys whose module is not loaded do not exist, and systemd-sysctl passes them over without failing.
 */
export const sysctl = (keys: readonly string[], file = LINK): Fact<Sysctl> => {
  // globs are for the node's shell, so they stand in the text and not among its values
  const globs = dropInGlobs('sysctl.d').join(' ');
  const live = keys.map((key) => `/proc/sys/${sysctlPath(key)}`);
  const { text: given } = sh`readlink -f ${LINK}; grep -Hs '' ${live}; ls -1d GLOBS 2>/dev/null; grep -HsE ${SAYS} GLOBS ${CONF}`;
  const text = given.replaceAll('GLOBS', globs);
  return reading({ via: 'ssh', text, masked: text }, ({ stdout }) => {
    const [link = '', ...rest] = lines(stdout);
    const files = effectiveDropIns(rest.join('\n'));
    const conf = rest.filter((line) => line.startsWith(`${CONF}:`)).map((line) => line.slice(CONF.length + 1).trim());
    const valueOf = (key: string): string | null => {
      const found = rest.filter((line) => line.startsWith(`/proc/sys/${sysctlPath(key)}:`));
      return found.length === 0 ? null : words(found.map((line) => line.slice(line.indexOf(':') + 1)).join(' '));
    };
    const said = (key: string): [string, string][] => {
      const last = setsOf([{ path: CONF, lines: conf }], key).at(-1);
      return last ? [[key, last.value]] : [];
    };
    const name = file.split('/').at(-1) ?? file;
    return {
      conf: { linked: link === CONF, values: Object.fromEntries(keys.flatMap(said)) },
      keys: Object.fromEntries(keys.map((key) => [key, { live: valueOf(key), sets: setsOf(files, key) }])),
      own: files.find(({ path }) => path.endsWith(`/${name}`))?.lines ?? [],
    };
  });
};
