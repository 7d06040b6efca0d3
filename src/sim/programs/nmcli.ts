import { lookUp, putFile, textFile } from '../node/files.ts';
import { bringUp, findProfile, profilesOnDisk, reloadProfiles } from '../node/network.ts';
import { type Profile, setting, writeProfile } from '../node/profile.ts';
import { type Shape, showProfile, showTable } from './nmcli-show.ts';
import { type Call, type Program, unknown } from './program.ts';

const withValue = ['-f', '--fields', '-g', '--get-values', '-m', '--mode', '-e', '--escape', '-w', '--wait'];

const parse = (args: readonly string[]): { readonly shape: Shape; readonly words: readonly string[] } => {
  let [terse, multiline, valuesOnly, escape]: [boolean, boolean | undefined, boolean, boolean] = [false, undefined, false, true];
  let fields: readonly string[] = [];
  let at = 0;
  for (; args[at]?.startsWith('-') === true; at++) {
    const flag = args[at] ?? '';
    const value = withValue.includes(flag) ? (args[++at] ?? '') : '';
    if (flag === '-t' || flag === '--terse') terse = true;
    else if (flag === '-m' || flag === '--mode') multiline = 'multiline'.startsWith(value);
    else if (flag === '-e' || flag === '--escape') escape = value === 'yes';
    else if (flag === '-f' || flag === '--fields') fields = value.split(',');
    else if (flag === '-g' || flag === '--get-values') [fields, valuesOnly] = [value.split(','), true];
  }
  return { shape: { terse, multiline, valuesOnly, escape, fields }, words: args.slice(at) };
};

const missing = (call: Call, name: string, verb: string): number => {
  call.err(verb === 'show' ? `Error: ${name} - no such connection profile.\n` : `Error: unknown connection '${name}'.\n`);
  return 10;
};

const show = (call: Call, shape: Shape, words: readonly string[]): number => {
  const { network } = call.machine;
  const names = words.filter((word) => !['--active', 'id', 'uuid', 'path'].includes(word));
  const active = words.includes('--active');
  const profiles = [...network.profiles.values()].filter(
    (profile) => !active || [...network.live.values()].some(({ uuid }) => uuid === setting(profile, 'connection.uuid')),
  );
  if (names.length === 0) {
    showTable(call, shape, profiles);
    return 0;
  }
  for (const [index, name] of names.entries()) {
    const profile = findProfile(network, name);
    if (!profile) return missing(call, name, 'show');
    if (index > 0) call.out('\n');
    showProfile(call, shape, profile);
  }
  return 0;
};

const properties = [
  'connection.id',
  'connection.autoconnect',
  'connection.interface-name',
  'ipv4.method',
  'ipv4.addresses',
  'ipv4.gateway',
  'ipv4.dns',
  'ipv4.dns-search',
  'ipv6.method',
];
const cidr = /^\d{1,3}(\.\d{1,3}){3}(\/([12]?\d|3[0-2]))?$/;

const modify = (call: Call, words: readonly string[]): number => {
  const { machine } = call;
  const [name = '', ...pairs] = words[0] === 'id' || words[0] === 'uuid' ? words.slice(1) : words;
  const profile = findProfile(machine.network, name);
  if (!profile) return missing(call, name, 'modify');
  const settings = new Map(profile.settings);
  for (let index = 0; index < pairs.length; index += 2) {
    const [word = '', value = ''] = [pairs[index], pairs[index + 1]];
    const key = word.replace(/^[+-]/, '');
    if (!properties.includes(key)) {
      call.err(`Error: invalid property '${key}'.\n`);
      return 2;
    }
    if (key === 'ipv4.addresses' && value !== '' && !value.split(/[,\s]+/).every((one) => cidr.test(one))) {
      call.err(`Error: failed to modify ipv4.addresses: invalid IP address: ${value}.\n`);
      return 2;
    }
    const old = (settings.get(key) ?? '').split(/,\s*/).filter(Boolean);
    const list = value.split(/,\s*/).map((one) => (key === 'ipv4.addresses' && one !== '' && !one.includes('/') ? `${one}/32` : one));
    settings.set(
      key,
      word.startsWith('+')
        ? [...old, ...list].join(', ')
        : word.startsWith('-')
          ? old.filter((one) => !list.includes(one)).join(', ')
          : list.join(', '),
    );
  }
  const wished: Profile = { file: profile.file, settings };
  if (setting(wished, 'ipv4.method') === 'manual' && setting(wished, 'ipv4.addresses') === '') {
    call.err(`Error: Failed to modify connection '${name}': ipv4.addresses: this property cannot be empty for 'method=manual'\n`);
    return 1;
  }
  const entry = lookUp(machine.files, profile.file);
  const text = writeProfile(wished, entry?.kind === 'file' ? entry.content : '');
  const mode = entry?.kind === 'file' ? entry.mode : 0o600;
  const problem = putFile(machine.files, profile.file, textFile(text, mode));
  if (problem !== undefined) {
    call.err(`Error: Failed to modify connection '${name}': failure writing to '${profile.file}': ${problem}\n`);
    return 1;
  }
  machine.network.profiles.set(setting(wished, 'connection.uuid'), wished);
  return 0;
};

const up = (call: Call, words: readonly string[]): number => {
  const [name = ''] = words.filter((word) => word !== 'id' && word !== 'uuid');
  const profile = findProfile(call.machine.network, name);
  if (!profile) return missing(call, name, 'up');
  bringUp(call.machine.network, profile);
  call.out('Connection successfully activated (D-Bus active path: /org/freedesktop/NetworkManager/ActiveConnection/2)\n');
  return 0;
};

const load = (call: Call, files: readonly string[]): number => {
  for (const profile of profilesOnDisk(call.machine.files).values())
    if (files.includes(profile.file)) call.machine.network.profiles.set(setting(profile, 'connection.uuid'), profile);
  return 0;
};

/** nmcli(1): `connection show | modify | up | reload | load`; the configuration changes on disk and what is up stays until `up` or a boot. */
export const nmcli: Program = (call) => {
  const { shape, words } = parse(call.args);
  const [object = '', verb = 'show', ...rest] = words;
  if (call.machine.units.get('NetworkManager.service')?.active !== 'active') {
    call.err('Error: NetworkManager is not running.\n');
    return 8;
  }
  if (object === 'general' || object === 'g') {
    call.out('connected\n');
    return 0;
  }
  if (object === '' || !('connection'.startsWith(object) || object === 'conn')) return unknown(call, 'nmcli');
  if ('show'.startsWith(verb)) return show(call, shape, rest);
  if (call.user !== 'root') {
    call.err('Error: Insufficient privileges.\n');
    return 1;
  }
  if (verb.length > 1 && 'modify'.startsWith(verb)) return modify(call, rest);
  if (verb === 'up') return up(call, rest);
  if (verb === 'load') return load(call, rest);
  if (verb !== 'reload') return unknown(call, 'nmcli');
  reloadProfiles(call.machine.network, call.machine.files);
  return 0;
};
