/**
 * A NetworkManager connection: properties by the names that nmcli(1) gives them (`ipv4.addresses`, `connection.id`); what is not set is
 * the empty text. `file` is where it is stored.
 */
export type Profile = { readonly file: string; readonly settings: ReadonlyMap<string, string> };

/** A property of a connection, the empty text where it is not set. */
export const setting = (profile: Profile, name: string): string => profile.settings.get(name) ?? '';

const yesNo = (value: string | undefined, fallback: string): string =>
  value === undefined ? fallback : /^(yes|true|1)$/i.test(value) ? 'yes' : 'no';

const readKeyfile = (file: string, text: string): Profile => {
  const settings = new Map<string, string>([
    ['connection.autoconnect', 'yes'],
    ['ipv4.method', 'auto'],
    ['ipv6.method', 'auto'],
  ]);
  let section = '';
  for (const line of text.split('\n')) {
    const header = /^\[(.+)\]$/.exec(line.trim())?.[1];
    if (header !== undefined) section = header === 'ethernet' ? '802-3-ethernet' : header;
    const [, key, value] = /^([\w-]+)=(.*)$/.exec(line.trim()) ?? [];
    if (key === undefined || value === undefined) continue;
    if (/^address\d*$/.test(key)) {
      const [address = '', gateway] = value.split(',');
      const known = settings.get(`${section}.addresses`);
      settings.set(`${section}.addresses`, known ? `${known}, ${address}` : address);
      if (gateway) settings.set(`${section}.gateway`, gateway);
    } else if (key === 'dns' || key === 'dns-search') settings.set(`${section}.${key}`, value.split(';').filter(Boolean).join(','));
    else if (section === 'connection' && key === 'type') settings.set('connection.type', value === 'ethernet' ? '802-3-ethernet' : value);
    else if (section === 'connection' && key === 'autoconnect') settings.set('connection.autoconnect', yesNo(value, 'yes'));
    else settings.set(`${section}.${key}`, value);
  }
  return { file, settings };
};

const writeKeyfile = (profile: Profile): string => {
  const sections = new Map<string, string[]>();
  const put = (section: string, line: string): unknown => sections.set(section, [...(sections.get(section) ?? []), line]);
  for (const [name, value] of profile.settings) {
    const [section, key] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)];
    if (value === '' || (section === 'connection' && key === 'autoconnect' && value === 'yes')) continue;
    if (key === 'addresses')
      value
        .split(/,\s*/)
        .forEach((address, index) =>
          put(
            section,
            `address${index + 1}=${address}${index === 0 && setting(profile, `${section}.gateway`) ? `,${setting(profile, `${section}.gateway`)}` : ''}`,
          ),
        );
    else if (key === 'dns' || key === 'dns-search') put(section, `${key}=${value.split(',').join(';')};`);
    else if (key === 'type') put(section, `type=${value === '802-3-ethernet' ? 'ethernet' : value}`);
    else if (key === 'autoconnect') put(section, 'autoconnect=false');
    else if (key !== 'gateway') put(section === '802-3-ethernet' ? 'ethernet' : section, `${key}=${value}`);
  }
  return [...sections].map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`).join('\n');
};

const unquote = (value: string): string => value.replace(/^"(.*)"$/, '$1');

const readIfcfg = (file: string, text: string): Profile => {
  const keys = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, key, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      return key !== undefined && value !== undefined ? [[key, unquote(value)]] : [];
    }),
  );
  const get = (key: string): string => keys.get(key) ?? '';
  const dns = [...keys].filter(([key]) => /^DNS\d$/.test(key)).map(([, value]) => value);
  const settings = new Map<string, string>([
    ['connection.id', get('NAME') || `System ${get('DEVICE')}`],
    ['connection.uuid', get('UUID')],
    ['connection.type', '802-3-ethernet'],
    ['connection.interface-name', get('DEVICE')],
    ['connection.autoconnect', yesNo(keys.get('ONBOOT'), 'yes')],
    ['ipv4.method', get('BOOTPROTO') === 'dhcp' ? 'auto' : get('IPADDR') ? 'manual' : 'disabled'],
    ['ipv4.addresses', get('IPADDR') ? `${get('IPADDR')}/${get('PREFIX') || '24'}` : ''],
    ['ipv4.gateway', get('GATEWAY')],
    ['ipv4.dns', dns.join(',')],
    ['ipv6.method', yesNo(keys.get('IPV6INIT'), 'no') === 'yes' ? 'auto' : 'ignore'],
  ]);
  return { file, settings };
};

/** Changes the keys that it knows in the old text and leaves the rest, comments too, as NetworkManager's ifcfg-rh plugin does. */
const writeIfcfg = (profile: Profile, old: string): string => {
  const [address = '', prefix = ''] = setting(profile, 'ipv4.addresses').split(',')[0]?.split('/') ?? [];
  const wanted: Record<string, string> = {
    BOOTPROTO: setting(profile, 'ipv4.method') === 'auto' ? 'dhcp' : 'none',
    NAME: setting(profile, 'connection.id'),
    ONBOOT: setting(profile, 'connection.autoconnect') || 'yes',
    IPADDR: address,
    PREFIX: prefix,
    GATEWAY: setting(profile, 'ipv4.gateway'),
  };
  const lines = old.split('\n').filter((line, index, all) => !(line === '' && index === all.length - 1));
  const kept = lines.flatMap((line) => {
    const key = /^([A-Z0-9_]+)=/.exec(line)?.[1];
    if (key === undefined || !(key in wanted)) return [line];
    const value = wanted[key] ?? '';
    delete wanted[key];
    return value === '' ? [] : [`${key}=${value}`];
  });
  const added = Object.entries(wanted).flatMap(([key, value]) => (value === '' ? [] : [`${key}=${value}`]));
  return [...kept, ...added].map((line) => `${line}\n`).join('');
};

const isIfcfg = (file: string): boolean => file.startsWith('/etc/sysconfig/network-scripts/');

/** What was read of files with the same text: each boot reads them again. */
const profiles = new Map<string, Profile>();
const KEEP = 1000;

/** Reads a stored connection: a keyfile (nm-settings-keyfile(5)) or, below /etc/sysconfig/network-scripts, an ifcfg file. */
export const readProfile = (file: string, text: string): Profile => {
  const key = `${file}\0${text}`;
  const known = profiles.get(key);
  if (known) return known;
  const made = isIfcfg(file) ? readIfcfg(file, text) : readKeyfile(file, text);
  if (profiles.size >= KEEP) profiles.clear();
  profiles.set(key, made);
  return made;
};

/** Writes a connection in the format of its file; `old` is what the file holds now. */
export const writeProfile = (profile: Profile, old: string): string =>
  isIfcfg(profile.file) ? writeIfcfg(profile, old) : writeKeyfile(profile);
