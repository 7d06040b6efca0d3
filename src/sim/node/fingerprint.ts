import type { Entry, Files } from './files.ts';
import type { Machine } from './machine.ts';
import { type Profile } from './profile.ts';
import { DROVER_HOME } from './snapshots.ts';

const profiles = new WeakMap<Profile, string>();
const profileText = (profile: Profile): string => {
  const known = profiles.get(profile);
  if (known !== undefined) return known;
  const made = `${profile.file}\n${[...profile.settings].map(([key, value]) => `${key}=${value}`).join('\n')}`;
  profiles.set(profile, made);
  return made;
};

const json = new WeakMap<object, string>();
/** The JSON of what a machine was made with and nothing changes. */
const jsonOf = (part: object | null): string => {
  if (part === null) return '';
  const known = json.get(part);
  if (known !== undefined) return known;
  const made = JSON.stringify(part);
  json.set(part, made);
  return made;
};

const entryText = (entry: Entry): string =>
  `${entry.kind} ${entry.mode} ${entry.owner} ${entry.group} ${entry.kind === 'file' ? entry.content : entry.kind === 'symlink' ? entry.target : ''}`;

/** What differs from the files that a machine was made with; drover's own state left out. */
const filesText = (files: Files, base: ReadonlyMap<string, Entry>): string => {
  let text = '';
  let same = 0;
  for (const [path, entry] of files.entries) {
    if (base.get(path) === entry) same += 1;
    else if (!path.startsWith(DROVER_HOME)) text += `${path} ${entryText(entry)}\n`;
  }
  if (same !== base.size) for (const path of base.keys()) if (!files.entries.has(path)) text += `${path} gone\n`;
  return text;
};

/**
 * All that a program which only reads can see of a machine, as a text: equal texts, equal answers.
 *
 * Not in it are drover's own folder, how long the machine is up, and since when (`sinceWhen`).
 */
export const fingerprint = (machine: Machine, base: ReadonlyMap<string, Entry>): string => {
  const { kernel, network, units, packages, files } = machine;
  let text = `${machine.name} ${machine.distro} ${machine.arch} ${machine.virtualization} ${machine.sharedRoot} ${machine.bootId} ${machine.power.state} ${kernel.running} ${files.full}\n`;
  for (const name of kernel.installed.keys()) text += `${name} `;
  text += '\n';
  for (const name of kernel.loaded) text += `${name} `;
  text += '\n';
  text += jsonOf(machine.host);
  for (const [path, value] of machine.sysctls) text += `${path}=${value} `;
  text += `${jsonOf(machine.iptables)}\n${machine.rules.legacy.join('\n')}\n\n${machine.rules.nf_tables.join('\n')}\n`;
  for (const [name, unit] of units) text += `${name} ${unit.file} ${unit.active}\n`;
  text += `${packages.held.size} ${machine.runtimeStarts.at(-1)?.version ?? ''}\n`;
  for (const [name, all] of packages.offers) text += `${name} ${all.map(({ version }) => version).join(' ')}\n`;
  for (const [name, one] of packages.installed) text += `${name} ${one.version}\n`;
  for (const profile of network.profiles.values()) text += profileText(profile);
  for (const [device, live] of network.live)
    text += `\n${device} ${live.uuid} ${live.addresses.join(' ')} ${live.gateway} ${live.dns.join(' ')}`;
  return `${text}\n${filesText(files, base)}`;
};

/** Since when the machine and its units run: few questions ask for it, and it differs wherever anything else does not. */
export const sinceWhen = ({ bootedAt, units }: Machine): string => {
  let text = `${bootedAt}`;
  for (const { since } of units.values()) text += ` ${since}`;
  return text;
};
