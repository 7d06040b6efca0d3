import { ConnectionError } from '../../core/error.ts';
import type { Identity } from '../../core/node.ts';
import type { CallOptions } from '../../core/ports.ts';
import { randomBytes } from 'node:crypto';
import { type Connection, exec } from './exec.ts';
import { resultReader } from './results.ts';
import { callScript } from './script.ts';

/**
 * The first command that a machine gets; nothing else is sent until its answer matches.
 *
 * machine-id(5); the boot id of random(4), new at each boot; the product uuid of SMBIOS, which only root may read.
 */
export const PROBE = 'id -u; cat /etc/machine-id /proc/sys/kernel/random/boot_id /sys/class/dmi/id/product_uuid';

/** How scripts are run: by root's shell, or through sudo(8) without a password. */
export const shellFor = (root: boolean): string => (root ? 'sh -s' : 'sudo -n sh -s');

const PRODUCT = { text: 'cat /sys/class/dmi/id/product_uuid', stdin: '', durable: false, secrets: {} };
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the probe's output says. Lines that are none of the four, such as a login shell's greeting, are passed over. */
export const parseProbe = (
  text: string,
): { root: boolean | null; machineId: string | null; bootId: string | null; productUuid: string | null } => {
  const lines = text.split('\n').map((line) => line.trim());
  const [bootId, productUuid] = lines.filter((line) => uuid.test(line));
  const uid = lines.find((line) => /^\d+$/.test(line));
  return {
    root: uid === undefined ? null : uid === '0',
    machineId: lines.find((line) => /^[0-9a-f]{32}$/.test(line)) ?? null,
    bootId: bootId ?? null,
    productUuid: productUuid?.toLowerCase() ?? null,
  };
};

/** In words how a machine differs from the pinned one; null when it does not. A product uuid that is not told is no difference. */
export const identityDiffers = (pin: Identity, machineId: string, productUuid: string | null): string | null => {
  if (machineId !== pin.machineId) return `another machine answers: its machine-id is ${machineId}, not ${pin.machineId}`;
  if (pin.productUuid !== null && productUuid !== null && pin.productUuid.toLowerCase() !== productUuid) {
    return `another machine answers: its product uuid is ${productUuid}, not ${pin.productUuid} (a clone with the same machine-id?)`;
  }
  return null;
};

/** The error for a user who may not become root without a password. */
export const sudoError = (user: string, stderr: string): ConnectionError =>
  new ConnectionError(
    'sudo',
    `${user} may not run commands as root (${stderr.trim().split('\n').at(-1) ?? ''}); ` +
      `put this into /etc/sudoers.d/drover: ${user} ALL=(root) NOPASSWD: /bin/sh -s, /usr/bin/sh -s`,
  );

/** Asks a machine who it is, on which boot, and whether its user is root. @throws ConnectionError identity, sudo, unreachable */
export const identify = async (
  to: Connection,
  user: string,
  pin: Identity | null,
  hostKey: string,
  options: CallOptions,
): Promise<{ readonly identity: Identity; readonly bootId: string; readonly root: boolean }> => {
  const out: Buffer[] = [];
  const ended = await exec(to, PROBE, '', { stdout: (chunk) => void out.push(chunk), stderr: () => undefined }, options);
  if (ended.kind !== 'exit') throw new ConnectionError('unreachable', 'it did not answer the question who it is');
  const probe = parseProbe(Buffer.concat(out).toString());
  if (probe.machineId === null || probe.bootId === null || probe.root === null) {
    throw new ConnectionError(
      'identity',
      'it has no machine-id or boot id, so nothing tells it from another machine; run systemd-machine-id-setup there',
    );
  }
  const wrong = pin === null ? null : identityDiffers(pin, probe.machineId, probe.productUuid);
  if (wrong !== null) throw new ConnectionError('identity', wrong);
  const productUuid = probe.root ? probe.productUuid : await productAsRoot(to, user, options);
  const wrongProduct = pin === null ? null : identityDiffers(pin, probe.machineId, productUuid);
  if (wrongProduct !== null) throw new ConnectionError('identity', wrongProduct);
  return { identity: { hostKey, machineId: probe.machineId, productUuid }, bootId: probe.bootId, root: probe.root };
};

/** The product uuid, read through sudo; tells on the way whether sudo works. */
const productAsRoot = async (to: Connection, user: string, options: CallOptions): Promise<string | null> => {
  const nonce = randomBytes(16).toString('hex');
  const enough = new AbortController();
  const reader = resultReader(nonce, {
    capBytes: 4096,
    heard: () => false,
    onLine: () => undefined,
    onDone: () => enough.abort('all has come'),
  });
  const raw: Buffer[] = [];
  const hooks = {
    stdout: reader.stdout,
    stderr: (chunk: Buffer): void => {
      raw.push(chunk);
      reader.stderr(chunk);
    },
    done: enough.signal,
  };
  const ended = await exec(to, shellFor(false), callScript(nonce, null, [PRODUCT]), hooks, options);
  const result = reader.results().done.get('0');
  if (result) return uuid.test(result.stdout.trim()) ? result.stdout.trim().toLowerCase() : null;
  if (ended.kind === 'exit') throw sudoError(user, Buffer.concat(raw).toString());
  throw new ConnectionError('unreachable', 'it did not answer the question who it is');
};
