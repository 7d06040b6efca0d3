/** An IPv4 address with its prefix, as numbers. */
type Cidr = { readonly bits: number; readonly prefix: number };

/** An IPv4 address as a number; null for what is none. */
const bitsOf = (text: string): number | null => {
  const parts = text.split('.');
  const right = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return right ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : null;
};

const shown = (bits: number): string => [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');

/** Reads `10.77.1.11/23`; null for what is no IPv4 address with a prefix. */
const cidrOf = (text: string): Cidr | null => {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = bitsOf(address);
  return bits !== null && /^\d{1,2}$/.test(prefix) && Number(prefix) <= 32 && rest.length === 0 ? { bits, prefix: Number(prefix) } : null;
};

/** Whether a text is an IPv4 address with a prefix. */
export const isCidr = (text: string): boolean => cidrOf(text) !== null;

/** The address of `10.77.1.11/23`, without its prefix. */
export const bareAddress = (cidr: string): string => cidr.split('/')[0] ?? cidr;

/** What speaks against giving a machine an address with a gateway, in words: from the numbers alone, without a look at any network. */
export const addressTrouble = ({ address, gateway }: { readonly address: string; readonly gateway: string }): readonly string[] => {
  const cidr = cidrOf(address);
  const by = bitsOf(gateway);
  if (cidr === null) return [`${address} is not an IPv4 address with a prefix, like 10.77.1.11/23`];
  if (by === null) return [`the gateway ${gateway} is not an IPv4 address`];
  const { bits, prefix } = cidr;
  const size = 2 ** (32 - prefix);
  const first = Math.floor(bits / size) * size;
  const last = first + size - 1;
  // two addresses of a /31 are two machines (RFC 3021), and a /32 is one
  const ends = prefix < 31;
  const reserved = (one: number): string | undefined =>
    ends && one === first ? 'the address of its network' : ends && one === last ? 'the broadcast address of its network' : undefined;
  const trouble: string[] = [];
  const what = bits >= 224 * 2 ** 24 ? 'no address of one machine' : reserved(bits);
  if (what !== undefined) trouble.push(`${address} is ${what}`);
  if (by === bits) trouble.push(`${shown(bits)} is its gateway's own address`);
  else if (by < first || by > last)
    trouble.push(
      `the gateway ${gateway} is outside of ${address} (${shown(first)} to ${shown(last)}): address, prefix or gateway is wrong`,
    );
  else if (reserved(by) !== undefined) trouble.push(`the gateway ${gateway} is ${reserved(by) ?? ''}`);
  return trouble;
};
