import { createHmac, randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SshSettings } from '../../core/event.ts';
import type { CallOptions, Target } from '../../core/ports.ts';
import { reach } from './connect.ts';
import { withPort } from './host-keys.ts';
import { type KnownHost, fingerprint, keyType, linesOfNames, readKnownHosts } from './known-hosts.ts';
import { type HostConfig, readSshConfig } from './ssh-config.ts';

/** How to log in, and whose files to read. */
export type Login = { readonly settings: SshSettings; readonly home: string; readonly agent: string | undefined };

/** What known_hosts has for an address, and what belongs there. */
export type Entry = {
  readonly node: string;
  readonly address: string;
  /** What belongs there, with the host spelled out; null when the key is known already. */
  readonly line: string | null;
  /** The same as ssh_config(5) wants it written: with the host hashed, if it says so. */
  readonly stored: string | null;
  /** The file to add it to; null where ssh_config(5) keeps none. */
  readonly file: string | null;
  /** `file:line` of other keys for the same address: of a machine that had it before. */
  readonly others: readonly string[];
};

const configOf = ({ settings, home, agent }: Login, name: string, address: string): HostConfig =>
  readSshConfig({ home, agent }).resolve([name, address], settings);

const linesFor = async (config: HostConfig, address: string): Promise<readonly KnownHost[]> =>
  linesOfNames(await readKnownHosts(config.knownHosts), [withPort(address, config.port)]).filter(({ marker }) => marker === null);

/** Where a line goes; ssh_config(5) says `none`, and people say /dev/null, where nothing is to be kept. */
const fileOf = ({ knownHosts: [first] }: HostConfig): string | null =>
  first === undefined || first === 'none' || first === '/dev/null' ? null : first;

/** Whether ssh(1) would know a node at an address by the key with this fingerprint, so that there is nothing to add. */
export const isKnownAt = async (login: Login, name: string, address: string, print: string): Promise<boolean> => {
  const config = configOf(login, name, address);
  return fileOf(config) === null || (await linesFor(config, address)).some(({ key }) => fingerprint(key) === print);
};

/** A name as HashKnownHosts of ssh_config(5) writes it. */
const hashed = (host: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(host.toLowerCase()).digest('base64')}`;
};

/**
 * Connects to a node, and tells what belongs into known_hosts for the address at which it answers: the key of this very connection, after
 * it was held against the pin (or known_hosts, at first contact), and the machine against its identity.
 *
 * @throws ConnectionError when nobody answers who is the node
 */
export const entryFor = async (target: Target, login: Login, call: CallOptions): Promise<Entry> => {
  const line = await reach(target, readSshConfig({ home: login.home, agent: login.agent }), login.settings, call);
  line.client.destroy();
  const { address } = line.hello;
  const config = configOf(login, target.name, address);
  const host = withPort(address, config.port);
  const there = await linesFor(config, address);
  const known = there.some(({ key }) => key.equals(line.key));
  const others = there.filter(({ key, type }) => !key.equals(line.key) && type === keyType(line.key)).map(({ at }) => at);
  const key = `${keyType(line.key)} ${line.key.toString('base64')}`;
  return {
    node: target.name,
    address,
    line: known ? null : `${host} ${key}`,
    stored: known ? null : `${config.hashKnownHosts ? hashed(host) : host} ${key}`,
    file: fileOf(config),
    others,
  };
};

/** Adds lines to a known_hosts file; one that is not there is made for its owner alone. */
export const appendKnownHosts = async (file: string, lines: readonly string[]): Promise<void> => {
  if (lines.length === 0) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const was = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const cut = was !== '' && !was.endsWith('\n') ? '\n' : '';
  // one write, so that two who add at once do not mix their lines
  await appendFile(file, `${cut}${lines.map((line) => `${line}\n`).join('')}`, { mode: 0o600 });
};
