import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';

/**
 * What a client that trusts one CA file finds at an endpoint: `verified`, `refused` with each reason as OpenSSL numbers and names it, `silent` when no
 * certificate came (why in its words), or `no-ca` when the file cannot be read.
 */
export type ServedCertificate =
  | { readonly is: 'verified' }
  | { readonly is: 'refused'; readonly why: readonly { readonly code: number; readonly text: string }[] }
  | { readonly is: 'silent' | 'no-ca' | 'no-openssl'; readonly why: string };

/** An endpoint in its parts: `[fd00::1]:6443` has no brackets any more. */
const partsOf = (endpoint: string): { readonly host: string; readonly ip: boolean } => {
  const host = endpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return { host, ip: host.includes(':') || /^[\d.]+$/.test(host) };
};

/** Why openssl gave up, in its own words: `40A7…:error:0A00010B:SSL routines::wrong version number:../ssl/…` without numbers and places. */
const whySilent = (text: string): string => {
  const said = lines(text).find((line) => /:error:|errno=/.test(line)) ?? lines(text).at(-1) ?? 'nothing';
  const plain = said.replace(/^[0-9A-Fa-f]+:error:[0-9A-F]*:/, '').replace(/:\.\.\/[^:]*:\d+:.*$/, '');
  return plain.replace(/^.*:(?=[^:]+$)/, '').trim();
};

/**
 * Reads `ServedCertificate`, from the node: the whole chain that is served is verified against the file alone, and against the name that was asked for.
 *
 * @param endpoint `HOST:PORT`
 * @param ca a PEM file on the node
 * @param name the name that clients ask for, where it is not the host; an address needs none. Source: openssl-s_client(1), openssl-verification-options(1).
 */
export const servedCertificate = (endpoint: string, ca: string, name?: string): Fact<ServedCertificate> => {
  const { host, ip } = partsOf(endpoint);
  const byName = name !== undefined || !ip;
  const asked = byName ? ['-servername', name ?? host, '-verify_hostname', name ?? host] : ['-verify_ip', host];
  return reading(
    // what the system trusts besides must not count
    sh`test -r ${ca} || echo no-ca; SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/dev/null timeout 15 openssl s_client -connect ${endpoint} -CAfile ${ca} ${asked} </dev/null 2>&1`,
    ({ exitCode, stdout }) => {
      if (stdout.startsWith('no-ca\n')) return { is: 'no-ca', why: `${ca} cannot be read on the node` };
      if (exitCode === 127) return { is: 'no-openssl', why: 'openssl is not on the node' };
      const code = /^ *Verify return code: (\d+) \((.*)\)$/m.exec(stdout);
      if (/no certificate or crl found|Error loading (?:CA file|store locations)|load_verify_/i.test(stdout))
        return { is: 'no-ca', why: `${ca} holds no certificate` };
      if (exitCode === 124) return { is: 'silent', why: 'nobody answered in 15 s' };
      // without a certificate openssl tells code 0 all the same
      if (code === null || /^no peer certificate available$/m.test(stdout)) return { is: 'silent', why: whySilent(stdout) };
      const errors = [...stdout.matchAll(/^verify error:num=(\d+):(.*)$/gm)].map(([, num, text = '']) => ({ code: Number(num), text }));
      const last = { code: Number(code[1]), text: code[2] ?? '' };
      const why = [...errors, ...(last.code === 0 ? [] : [last])];
      const once = why.filter((one, index) => why.findIndex((other) => other.code === one.code) === index);
      return once.length === 0 ? { is: 'verified' } : { is: 'refused', why: once };
    },
  );
};
