import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** One line of a known_hosts file, as sshd(8) describes it under SSH_KNOWN_HOSTS FILE FORMAT. */
export type KnownHost = {
  /** `file:line`, for messages. */
  readonly at: string;
  readonly marker: 'revoked' | 'cert-authority' | null;
  /** Patterns separated by commas, or one hashed name `|1|salt|hash`. */
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
};

/** The fingerprint of a public key blob, as ssh-keygen(1) -l prints it. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type of a public key blob: its first string (RFC 4253, 6.6). */
export const keyType = (key: Buffer): string => {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.toString('latin1', 4, 4 + length);
};

/** Reads the lines of a known_hosts file; lines that make no sense are left out, as ssh(1) does. */
export const parseKnownHosts = (text: string, file: string): readonly KnownHost[] =>
  text.split('\n').flatMap((raw, index): KnownHost[] => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const words = line.split(/[ \t]+/);
    const first = words[0] ?? '';
    if (first.startsWith('@')) words.shift();
    const marker = first === '@revoked' ? 'revoked' : first === '@cert-authority' ? 'cert-authority' : null;
    const [hosts, type, base64] = words;
    if (hosts === undefined || type === undefined || base64 === undefined || (first.startsWith('@') && marker === null)) return [];
    const key = Buffer.from(base64, 'base64');
    return keyType(key) === type ? [{ at: `${file}:${index + 1}`, marker, hosts, type, key }] : [];
  });

/** The last text of each file with what it says: a fleet logs in to all its nodes with the same file, of a line or more for each. */
const parsed = new Map<string, { readonly text: string; readonly lines: readonly KnownHost[] }>();

const linesOf = (text: string, file: string): readonly KnownHost[] => {
  const known = parsed.get(file);
  if (known?.text === text) return known.lines;
  const lines = parseKnownHosts(text, file);
  parsed.set(file, { text, lines });
  return lines;
};

const NONE: readonly KnownHost[] = [];

/** The last lines of several files together, so that what was not changed is one list, whose index is made once. */
const joined = new Map<string, { readonly parts: readonly (readonly KnownHost[])[]; readonly lines: readonly KnownHost[] }>();

/** Reads known_hosts files in order; one that is not there has no lines. */
export const readKnownHosts = async (files: readonly string[]): Promise<readonly KnownHost[]> => {
  const parts = await Promise.all(
    files.map(async (file) => {
      try {
        return linesOf(await readFile(file, 'utf8'), file);
      } catch {
        return NONE;
      }
    }),
  );
  const key = files.join('\n');
  const known = joined.get(key);
  if (known && parts.every((part, index) => part === known.parts[index])) return known.lines;
  const lines = parts.flat();
  joined.set(key, { parts, lines });
  return lines;
};

const globs = (pattern: string, name: string): boolean => {
  if (!/[*?]/.test(pattern)) return pattern.toLowerCase() === name.toLowerCase();
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(name);
};

/** Tells whether a line speaks of a name: `host`, or `[host]:port` for a port other than 22. */
export const speaksOf = (line: KnownHost, name: string): boolean => {
  const [, magic, salt, hash] = line.hosts.split('|');
  if (magic === '1' && salt !== undefined && hash !== undefined) {
    const mac = createHmac('sha1', Buffer.from(salt, 'base64')).update(name.toLowerCase()).digest('base64');
    return mac === hash;
  }
  const patterns = line.hosts.split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && globs(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && globs(pattern, name));
};

/** Where to find lines without going through all of them: a fleet of a thousand logs in a thousand times. */
type Index = {
  /** Places of lines by the names that they spell out, in lower case. */
  readonly plain: ReadonlyMap<string, readonly number[]>;
  /** Places of lines with patterns, or with a hashed name: these have to be asked. */
  readonly others: readonly number[];
  readonly byKey: ReadonlyMap<string, readonly KnownHost[]>;
};
const indexes = new WeakMap<readonly KnownHost[], Index>();

const indexOf = (lines: readonly KnownHost[]): Index => {
  const known = indexes.get(lines);
  if (known) return known;
  const plain = new Map<string, number[]>();
  const others: number[] = [];
  lines.forEach(({ hosts }, place) => {
    if (/[*?!|]/.test(hosts)) others.push(place);
    else {
      for (const name of hosts.toLowerCase().split(',')) {
        const places = plain.get(name);
        if (places) places.push(place);
        else plain.set(name, [place]);
      }
    }
  });
  const index = { plain, others, byKey: Map.groupBy(lines, ({ key }) => fingerprint(key)) };
  indexes.set(lines, index);
  return index;
};

/** The lines that speak of any of some names, in their order. */
export const linesOfNames = (lines: readonly KnownHost[], names: readonly string[]): readonly KnownHost[] => {
  const { plain, others } = indexOf(lines);
  const places = new Set(names.flatMap((name) => plain.get(name.toLowerCase()) ?? []));
  for (const place of others) {
    const line = lines[place];
    if (line && names.some((name) => speaksOf(line, name))) places.add(place);
  }
  return [...places].sort((a, b) => a - b).flatMap((place) => lines[place] ?? []);
};

/** The lines with the key of a fingerprint. */
export const linesOfKey = (lines: readonly KnownHost[], print: string): readonly KnownHost[] => indexOf(lines).byKey.get(print) ?? [];
