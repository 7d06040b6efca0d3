import { globSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import { UsageError } from '../../core/error.ts';
import type { SshSettings } from '../../core/event.ts';

/** How to log in to one machine, all defaults filled in. */
export type HostConfig = {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly identityFiles: readonly string[];
  /** The key files were named by somebody, so a missing one is worth a word, and they go before the agent. */
  readonly identityAsked: boolean;
  readonly agent: string | undefined;
  /** Jump hosts, the first to dial first; each as ProxyJump takes it. */
  readonly jumps: readonly string[];
  /** known_hosts files to read, the one to add lines to first. */
  readonly knownHosts: readonly string[];
  /** Names are hashed in lines that are added. */
  readonly hashKnownHosts: boolean;
};

/** A destination as ssh(1) and ProxyJump take it. */
export type Destination = { readonly user: string | null; readonly host: string; readonly port: number | null };

/** Reads `[user@]host[:port]` or `ssh://[user@]host[:port]`; IPv6 addresses in brackets. */
export const parseDestination = (text: string): Destination => {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d+))?$/.exec(text.trim());
  const host = match?.[2] ?? match?.[3];
  if (!match || host === undefined) throw new UsageError(`${text} is no jump host; write [user@]host[:port]`);
  return { user: match[1] ?? null, host, port: match[4] === undefined ? null : Number(match[4]) };
};

const INCLUDE = /^\s*Include[\s=]+(.*\S)\s*$/i;
const HEADER = /^\s*(?:Host|Match)[\s=]/i;

const readable = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/**
 * The text of an ssh_config(5) file with its Include lines replaced, at most 16 deep as in OpenSSH.
 *
 * Behind an included text the enclosing Host or Match is opened again, since the text may hold some of its own.
 */
export const expandIncludes = (text: string, folder: string, home: string, depth = 0): string => {
  if (depth > 16) return '';
  let header = 'Host *';
  return text
    .split('\n')
    .flatMap((line) => {
      if (HEADER.test(line)) header = line;
      const what = INCLUDE.exec(line)?.[1];
      if (what === undefined) return [line];
      const patterns = (what.match(/"[^"]*"|\S+/g) ?? []).map((pattern) => pattern.replaceAll('"', '').replace(/^~(?=\/)/, home));
      const files = patterns.flatMap((pattern) => globSync(isAbsolute(pattern) ? pattern : join(folder, pattern)).sort());
      return [...files.map((file) => expandIncludes(readable(file) ?? '', folder, home, depth + 1)), header];
    })
    .join('\n');
};

/**
 * Answers how to log in to a machine that is known by several names: the first name that says something wins. The last one is
 * what is dialled, so only its HostName counts.
 * `otherwise` is the user where nobody names one, before the local user's own name.
 */
export type SshConfig = {
  readonly home: string;
  resolve(names: readonly string[], settings: SshSettings, otherwise?: string | null): HostConfig;
};

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** The last text with what it says, because every node of a fleet asks for the same. */
let last: { readonly text: string; readonly config: SSHConfig } | undefined;

const parse = (text: string): SSHConfig => {
  if (last?.text !== text) last = { text, config: SSHConfig.parse(text) };
  return last.config;
};

/**
 * Reads ~/.ssh/config and /etc/ssh/ssh_config. Programs in `Match exec` are not run.
 *
 * Settings of drover come first, then the user's file, then the system's, as ssh_config(5) has it: the first value counts.
 */
export const readSshConfig = (options: {
  readonly home?: string;
  readonly agent: string | undefined;
  readonly system?: string;
}): SshConfig => {
  const home = options.home ?? homedir();
  const files = [join(home, '.ssh/config'), options.system ?? '/etc/ssh/ssh_config'];
  const parsed = parse(files.map((file) => expandIncludes(readable(file) ?? '', dirname(file), home)).join('\nHost *\n'));
  const local = userInfo().username;
  return {
    home,
    resolve(names, settings, otherwise) {
      const looked = names.map((name) => parsed.compute({ Host: name }, { ignoreCase: true, matchExec: false }));
      const all = (key: string): readonly string[] =>
        looked.map((one) => [one[key] ?? []].flat()).find((values) => values.length > 0) ?? [];
      const one = (key: string): string | null => all(key)[0] ?? null;
      const user = settings.user ?? one('user') ?? otherwise ?? local;
      const target = names.at(-1) ?? '';
      const own = looked.at(-1)?.['hostname'];
      const host = ((typeof own === 'string' ? own : own?.[0]) ?? target).replaceAll('%h', target).replaceAll('%%', '%');
      const port = settings.port ?? Number(one('port') ?? 22);
      const tokens: Readonly<Record<string, string>> = { d: home, h: host, n: target, p: String(port), r: user, u: local, '%': '%' };
      const path = (text: string): string =>
        text.replace(/^~(?=\/)/, home).replaceAll(/%([%dhnpru])/g, (whole, token: string) => tokens[token] ?? whole);
      const named = settings.identityFile === null ? all('identityfile') : [settings.identityFile];
      const jump = settings.jump ?? one('proxyjump');
      const files = settings.knownHosts === null ? all('userknownhostsfile').flatMap((text) => text.split(/\s+/)) : [settings.knownHosts];
      const agent = one('identityagent');
      return {
        user,
        host,
        port,
        identityFiles: named.length > 0 ? named.map(path) : DEFAULT_KEYS.map((name) => join(home, '.ssh', name)),
        identityAsked: named.length > 0,
        agent: agent === null || agent === 'SSH_AUTH_SOCK' ? options.agent : agent === 'none' ? undefined : path(agent),
        jumps: jump === null || jump.toLowerCase() === 'none' ? [] : jump.split(',').map((text) => text.trim()),
        knownHosts: [
          ...(files.length > 0 ? files.map(path) : [join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2')]),
          '/etc/ssh/ssh_known_hosts',
        ],
        hashKnownHosts: one('hashknownhosts')?.toLowerCase() === 'yes',
      };
    },
  };
};
