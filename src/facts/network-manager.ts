import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, senseless } from './answer.ts';

/** A connection profile as NetworkManager keeps it: what will be, not what is. `addresses` are CIDR. */
export type Profile = {
  readonly addresses: readonly string[];
  /** The interface that it is bound to, null when any will do. */
  readonly device: string | null;
  /** Where it is stored: a keyfile, an ifcfg file on EL8, or something under /run that does not survive a boot. */
  readonly file: string;
  readonly gateway: string | null;
  /** `manual`, `auto`, `disabled` … */
  readonly method: string;
  readonly uuid: string;
};

/** Whether NetworkManager is there, and the profiles of one name: none, one, or several, which no command can tell apart by that name. */
export type Connection = { readonly manager: 'running' | 'stopped' | 'absent'; readonly profiles: readonly Profile[] };

/** Splits a line of `nmcli -t` in tabular mode: `:` separates, `\:` and `\\` are the characters themselves. Source: nmcli(1), --escape. */
export const splitTerse = (line: string): readonly string[] =>
  (line.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).slice(0, -1).map((field) => field.replace(/:$/, '').replaceAll(/\\(.)/g, '$1'));

const record = (block: string): ReadonlyMap<string, string> =>
  // in multiline mode nothing is escaped: the first colon ends the name
  new Map(lines(block).map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));

const orNull = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value);

const FIELDS = 'connection.uuid,connection.interface-name,ipv4.method,ipv4.addresses,ipv4.gateway';

/** Reads the profiles of a name. Source: nmcli(1); exit code 10 is no such connection, 8 NetworkManager is not running, 127 no nmcli. */
export const connection = (name: string): Fact<Connection> =>
  reading(
    sh`LC_ALL=C nmcli -t -m multiline -f ${FIELDS} connection show ${name} && LC_ALL=C nmcli -t -f UUID,FILENAME connection show`,
    (result) => {
      const { exitCode, stderr, stdout } = result;
      if (exitCode === 127) return { manager: 'absent', profiles: [] };
      if (exitCode === 8 || (exitCode === 1 && stderr.includes('NMClient'))) return { manager: 'stopped', profiles: [] };
      if (exitCode === 10) return { manager: 'running', profiles: [] };
      if (exitCode !== 0) throw senseless(`the connection ${name}`, result);
      const blocks = stdout.split(/\n(?=connection\.uuid:)/);
      const files = new Map(
        lines(stdout).map((line): [string, string] => [splitTerse(line)[0] ?? '', splitTerse(line).slice(1).join(':')]),
      );
      const profiles = blocks.map((block): Profile => {
        const values = record(block);
        const uuid = values.get('connection.uuid');
        if (uuid === undefined) throw senseless(`the connection ${name}`, result);
        return {
          addresses: (values.get('ipv4.addresses') ?? '').split(/[,\s]+/).filter((address) => address !== ''),
          device: orNull(values.get('connection.interface-name')),
          file: files.get(uuid) ?? '',
          gateway: orNull(values.get('ipv4.gateway')),
          method: values.get('ipv4.method') ?? '',
          uuid,
        };
      });
      return { manager: 'running', profiles };
    },
  );
