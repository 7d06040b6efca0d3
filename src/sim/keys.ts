import ssh2 from 'ssh2';

/** An ed25519 key pair in OpenSSH's forms. */
export type KeyPair = { readonly private: string; readonly public: string };

/** ssh2 1.17 drops leading zero bytes of a public key, so that one in 256 of its ed25519 keys cannot be read by anybody: those are made again. */
const make = (): KeyPair => {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
};

/** Host keys by the name of their machine, made when first asked for. */
export const createHostKeys = (): ((name: string) => KeyPair) => {
  const keys = new Map<string, KeyPair>();
  return (name) => {
    const known = keys.get(name);
    if (known) return known;
    const made = make();
    keys.set(name, made);
    return made;
  };
};

/** The key of the user who logs in. */
export const makeUserKey = make;

/** A known_hosts line: the node's name, and where it is now; where it moves is known by the name alone. */
export const knownHostsLine = (name: string, address: string, port: number, key: KeyPair): string =>
  `${name},[${address}]:${port} ${key.public.trim().split(' ').slice(0, 2).join(' ')}\n`;
