import type { Duration } from '../core/duration.ts';
import { type Gate, gate } from '../core/step.ts';
import { type ServedCertificate, servedCertificate } from '../facts/certificate.ts';

/** A certificate that is served somewhere, and what those who use it go by. */
export type CertificateWish = {
  /** `HOST:PORT`, as seen from the node. */
  readonly endpoint: string;
  /** The PEM file on the node with the authorities that its clients trust. */
  readonly ca: string;
  /** The name that they ask for, where that is not the host. */
  readonly name?: string;
};

/** The verification errors that have one plain meaning. Source: openssl-verification-options(1), x509_vfy.h. */
const meanings: Readonly<Record<number, string>> = {
  9: 'is not valid yet',
  10: 'has expired',
  18: 'is signed by itself, and is not in the file',
  19: 'comes from an authority that is not in the file',
  20: 'comes from an authority that is not in the file',
  21: 'comes from an authority that is not in the file',
  23: 'has been revoked',
  62: 'is not for this name',
  64: 'is not for this address',
};

const unmet = ({ ca, endpoint, name }: CertificateWish, now: ServedCertificate): readonly string[] => {
  const what = `the certificate of ${endpoint}`;
  switch (now.is) {
    case 'verified':
      return [];
    case 'refused':
      return [
        ...new Set(
          now.why.map(
            ({ code, text }) =>
              `${what} ${meanings[code] ?? 'is not trusted'}${code === 62 && name !== undefined ? ` (${name})` : ''}: ${text}, by ${ca}`,
          ),
        ),
      ];
    case 'silent':
      return [`${endpoint} serves no certificate: ${now.why}`];
    case 'no-ca':
    case 'no-openssl':
      return [`${what} cannot be verified: ${now.why}`];
  }
};

/**
 * A certificate that is served verifies against the CA file that its clients use, from the node: after a renewal a client may still hold the old one.
 *
 * @param suffix tells two looks at the same certificate in one runbook apart
 */
export const certificateTrusted = (wish: CertificateWish, options: { readonly suffix?: string; readonly within?: Duration } = {}): Gate =>
  gate<ServedCertificate>({
    id: `certificate.trusted:${wish.endpoint}${options.suffix === undefined ? '' : `:${options.suffix}`}`,
    title: `the certificate of ${wish.endpoint} is trusted by ${wish.ca}`,
    wish: { ...wish },
    ...(options.within !== undefined && { within: options.within }),
    observe: () => servedCertificate(wish.endpoint, wish.ca, wish.name),
    unmet: (now) => unmet(wish, now),
  });
