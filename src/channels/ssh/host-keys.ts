import { type KnownHost, fingerprint, keyType, linesOfKey, linesOfNames, speaksOf } from './known-hosts.ts';

/** Whom a connection should reach. `pin` is the host key that the node showed at first contact. */
export type Whom = { readonly name: string; readonly address: string; readonly port: number; readonly pin: string | null };

/** Judges the host key that a server offers. */
export type HostKeyCheck = {
  /** For `algorithms.serverHostKey`: the types that are known first, so that the server shows a key that can be compared (RFC 4253, 7.1). */
  readonly algorithms: readonly string[];
  /** True when no line says which type the pinned key has, so that another type may have to be asked for. */
  readonly typeUnknown: boolean;
  /** Null when the key is the node's own, else what is wrong and what to do. */
  refuse(offered: Buffer): string | null;
};

const ALL = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];
/** An RSA key is shown under any of three names (RFC 8332). */
const namesOf = (type: string): readonly string[] => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]);

const show = (key: Buffer): string => `${keyType(key)} ${fingerprint(key)}`;
/** A host as known_hosts has it: with its port, if that is not 22. */
export const withPort = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`);

/** The lines that decide: those under the node's name as HostKeyAlias of ssh_config(5) does; only without any, those under the address. */
const decisive = (lines: readonly KnownHost[], whom: Whom): readonly KnownHost[] => {
  const under = (host: string): readonly KnownHost[] =>
    linesOfNames(lines, [withPort(host, whom.port), host]).filter(({ marker }) => marker === null);
  const named = under(whom.name);
  return named.length > 0 ? named : under(whom.address);
};

/** The line for known_hosts that makes an offered key known. */
export const knownHostsLine = (whom: Whom, key: Buffer): string => {
  const names = [whom.name, withPort(whom.address, whom.port)];
  return `${[...new Set(names)].join(',')} ${keyType(key)} ${key.toString('base64')}`;
};

/**
 * Makes the check of one connection. A key that a line marks as revoked is refused always; a pinned key must be the one that is offered, and
 * is enough at any address; otherwise known_hosts decides. Nothing else is ever accepted.
 *
 * @param not types that the server has shown already, which cannot be the pinned key.
 */
export const hostKeyCheck = (lines: readonly KnownHost[], whom: Whom, file: string, not: readonly string[] = []): HostKeyCheck => {
  const { pin } = whom;
  const known = pin === null ? decisive(lines, whom) : [];
  const relevant = pin === null ? known : linesOfKey(lines, pin).filter(({ marker }) => marker === null);
  const first = [...new Set(relevant.flatMap((line) => namesOf(line.type)))].filter((name) => ALL.includes(name));
  const rest = ALL.filter((name) => !first.includes(name) && !not.some((type) => namesOf(type).includes(name)));
  const authority = lines.find((line) => line.marker === 'cert-authority' && (speaksOf(line, whom.name) || speaksOf(line, whom.address)));
  const aside = authority === undefined ? '' : ` (${authority.at} is a @cert-authority line; drover cannot check host certificates)`;
  return {
    algorithms: [...first, ...rest],
    typeUnknown: pin !== null && first.length === 0,
    refuse(offered) {
      const revoked = lines.find((line) => line.marker === 'revoked' && line.key.equals(offered));
      if (revoked) return `it offered the host key ${show(offered)}, which ${revoked.at} marks as @revoked; do not trust this machine`;
      if (pin !== null) {
        if (fingerprint(offered) === pin) return null;
        return (
          `it offered the host key ${show(offered)}, but ${whom.name} showed ${pin} at first contact: another machine answers there, ` +
          `or ${whom.name} was installed anew (then: drover forget ${whom.name})`
        );
      }
      if (known.some((line) => line.key.equals(offered))) return null;
      if (known.length > 0) {
        const old = known.map((line) => `${line.at} (${show(line.key)})`).join(', ');
        return `its host key has changed: it offered ${show(offered)}, but known is ${old}; if the machine was installed anew, remove ${known.map((line) => line.at).join(', ')}`;
      }
      return (
        `its host key is not known: it offered ${show(offered)}${aside}; if that is what ssh-keygen -lf tells on the machine itself, ` +
        `add this line to ${file}: ${knownHostsLine(whom, offered)}`
      );
    },
  };
};
