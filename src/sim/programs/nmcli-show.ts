import { type Profile, setting } from '../node/profile.ts';
import type { Live } from '../node/network.ts';
import type { Call } from './program.ts';

/** How nmcli(1) was asked to print: -t, -m multiline, -g FIELDS or -f FIELDS, --escape. */
export type Shape = {
  readonly terse: boolean;
  readonly multiline: boolean | undefined;
  readonly valuesOnly: boolean;
  readonly escape: boolean;
  readonly fields: readonly string[];
};

const escaped = (shape: Shape, value: string): string =>
  shape.escape && (shape.terse || shape.valuesOnly) ? value.replaceAll('\\', '\\\\').replaceAll(':', '\\:') : value;

const order = [
  'connection.id',
  'connection.uuid',
  'connection.type',
  'connection.interface-name',
  'connection.autoconnect',
  'ipv4.method',
  'ipv4.dns',
  'ipv4.addresses',
  'ipv4.gateway',
  'ipv6.method',
];

const liveFields = (live: Live): readonly [string, string][] => [
  ...live.addresses.map((address, index): [string, string] => [`IP4.ADDRESS[${index + 1}]`, address]),
  ['IP4.GATEWAY', live.gateway],
  ...live.dns.map((server, index): [string, string] => [`IP4.DNS[${index + 1}]`, server]),
];

/** The properties of one connection, a line each; those of the device (`GENERAL.…`, `IP4.…`) only while it is up. */
export const showProfile = (call: Call, shape: Shape, profile: Profile): void => {
  const up = [...call.machine.network.live].find(([, live]) => live.uuid === setting(profile, 'connection.uuid'));
  const general: [string, string][] = up
    ? [
        ['GENERAL.NAME', setting(profile, 'connection.id')],
        ['GENERAL.UUID', up[1].uuid],
        ['GENERAL.DEVICES', up[0]],
        ['GENERAL.STATE', 'activated'],
        ...liveFields(up[1]),
      ]
    : [];
  const names = [...new Set([...order, ...profile.settings.keys()])];
  const all: [string, string][] = [...names.map((name): [string, string] => [name, setting(profile, name)]), ...general];
  const wanted = (name: string): boolean =>
    shape.fields.some((field) => name === field || name.replace(/\[\d+\]$/, '') === field || name.startsWith(`${field}.`));
  const shown =
    shape.fields.length === 0
      ? all
      : shape.fields.flatMap((field) =>
          all.filter(
            ([name]) => wanted(name) && (name === field || name.startsWith(`${field}.`) || name.replace(/\[\d+\]$/, '') === field),
          ),
        );
  for (const [name, value] of shown) {
    // in multiline mode nothing is escaped
    if (shape.valuesOnly) call.out(`${escaped(shape, value)}\n`);
    else if (shape.terse) call.out(`${name}:${value}\n`);
    else call.out(`${`${name}:`.padEnd(40)}${value === '' ? '--' : value}\n`);
  }
};

const column = (call: Call, profile: Profile, field: string): string => {
  const device = [...call.machine.network.live].find(([, live]) => live.uuid === setting(profile, 'connection.uuid'))?.[0] ?? '';
  switch (field.toUpperCase()) {
    case 'NAME':
      return setting(profile, 'connection.id');
    case 'UUID':
      return setting(profile, 'connection.uuid');
    case 'TYPE':
      return setting(profile, 'connection.type');
    case 'DEVICE':
      return device;
    case 'FILENAME':
      return profile.file;
    case 'ACTIVE':
      return device === '' ? 'no' : 'yes';
    case 'STATE':
      return device === '' ? '' : 'activated';
    case 'AUTOCONNECT':
      return setting(profile, 'connection.autoconnect') || 'yes';
    default:
      return '';
  }
};

/** The table of connections, one a line. */
export const showTable = (call: Call, shape: Shape, profiles: readonly Profile[]): void => {
  const fields = shape.fields.length > 0 ? shape.fields : ['NAME', 'UUID', 'TYPE', 'DEVICE'];
  const rows = profiles.map((profile) => fields.map((field) => column(call, profile, field)));
  if (shape.terse || shape.valuesOnly) {
    for (const row of rows)
      call.out(
        shape.multiline === true
          ? row.map((value, index) => `${fields[index] ?? ''}:${value}\n`).join('')
          : `${row.map((value) => escaped(shape, value)).join(':')}\n`,
      );
    return;
  }
  const lines = [fields, ...rows.map((row) => row.map((value) => value || '--'))];
  const widths = fields.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  for (const line of lines) call.out(`${line.map((value, index) => value.padEnd(widths[index] ?? 0)).join('  ')} \n`);
};
