import { describe, expect, test } from 'vitest';
import { type Whom, hostKeyCheck, knownHostsLine } from '../../../src/channels/ssh/host-keys.ts';
import { fingerprint, linesOfKey, linesOfNames, parseKnownHosts, speaksOf } from '../../../src/channels/ssh/known-hosts.ts';

const blob = (type: string, body: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
};
const ed = blob('ssh-ed25519', 'one');
const other = blob('ssh-ed25519', 'two');
const rsa = blob('ssh-rsa', 'three');
const line = (hosts: string, key: Buffer, type = 'ssh-ed25519'): string => `${hosts} ${type} ${key.toString('base64')}`;
const whom: Whom = { name: 'node-1', address: '10.0.0.5', port: 22, pin: null };
const check = (text: string, more: Partial<Whom> = {}) => hostKeyCheck(parseKnownHosts(text, 'kh'), { ...whom, ...more }, 'kh');

describe('known_hosts', () => {
  test('passes over comments, empty and broken lines, unknown markers and types that differ from their key', () => {
    const text = [
      '# x',
      '',
      'node-1',
      'node-1 ssh-ed25519',
      line('node-1', ed, 'ssh-rsa'),
      `@strange ${line('node-1', ed)}`,
      `  ${line('node-1', ed)} comment`,
    ];
    expect(parseKnownHosts(text.join('\n'), 'kh').map(({ at, hosts }) => [at, hosts])).toEqual([['kh:7', 'node-1']]);
  });

  test.each([
    ['node-1', 'node-1', true],
    ['node-1', 'node-10', false],
    ['NODE-1', 'node-1', true],
    ['a,node-1,b', 'node-1', true],
    ['node-*', 'node-1', true],
    ['node-?', 'node-12', false],
    ['node-*,!node-1', 'node-1', false],
    ['!node-1', 'node-2', false],
    ['10.0.0.5', '10x0x0x5', false],
    ['[10.0.0.5]:2222', '[10.0.0.5]:2222', true],
    ['[10.0.0.5]:2222', '10.0.0.5', false],
    ['[10.0.0.*]:*', '[10.0.0.5]:2222', true],
    // a hashed entry for 192.168.1.61
    ['|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=', '192.168.1.61', true],
    ['|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=', '192.168.1.62', false],
  ])('%s speaks of %s: %s', (hosts, name, expected) => {
    const [parsed] = parseKnownHosts(line(hosts, ed), 'kh');
    expect(parsed && speaksOf(parsed, name)).toBe(expected);
  });

  test('finds by name and by key what going through all lines finds, in the same order', () => {
    const hosts = ['node-1', 'node-2,NODE-1', 'node-*', 'node-?,!node-1', '10.0.0.5', '[10.0.0.5]:2222', '!node-2', 'a,b', 'node-1'];
    const hashed = '|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=';
    const text = [...hosts, hashed].flatMap((name) => [line(name, ed), `@revoked ${line(name, other)}`]).join('\n');
    const lines = parseKnownHosts(text, 'kh');
    for (const names of [['node-1'], ['Node-1', 'node-2'], ['10.0.0.5', '[10.0.0.5]:2222'], ['192.168.1.61'], ['nobody'], []])
      expect(linesOfNames(lines, names)).toEqual(lines.filter((one) => names.some((name) => speaksOf(one, name))));
    expect(linesOfKey(lines, fingerprint(other))).toEqual(lines.filter(({ key }) => key.equals(other)));
    expect(linesOfKey(lines, fingerprint(rsa))).toEqual([]);
  });
});

describe('the host key check', () => {
  test('accepts a key under the name, else under the address, with or without the port', () => {
    expect(check(line('node-1', ed)).refuse(ed)).toBeNull();
    expect(check(line('10.0.0.5', ed)).refuse(ed)).toBeNull();
    expect(check(line('[10.0.0.5]:2222', ed), { port: 2222 }).refuse(ed)).toBeNull();
    expect(check(line('10.0.0.5', ed), { port: 2222 }).refuse(ed)).toBeNull();
    expect(check(`${line('node-1', ed)}\n${line('10.0.0.5', other)}`).refuse(other)).toMatch(/has changed/);
  });

  test('never accepts a revoked key, not even a pinned one', () => {
    const text = `${line('node-1', ed)}\n@revoked ${line('*', ed)}`;
    expect(check(text).refuse(ed)).toMatch(/kh:2 marks as @revoked/);
    expect(check(text, { pin: fingerprint(ed) }).refuse(ed)).toMatch(/@revoked/);
  });

  test('says that a @cert-authority line is of no use to it', () => {
    expect(check(`@cert-authority ${line('node-*', ed)}`).refuse(ed)).toMatch(
      /not known.*kh:1 is a @cert-authority line; drover cannot check host certificates/,
    );
  });

  test('a pin decides alone', () => {
    expect(check('', { pin: fingerprint(ed) }).refuse(ed)).toBeNull();
    expect(check(line('node-1', other), { pin: fingerprint(ed) }).refuse(other)).toMatch(/another machine answers there/);
  });

  test('asks for the known types first, an RSA key by its newer names', () => {
    const lines = line('node-1', rsa, 'ssh-rsa');
    expect(check(lines).algorithms.slice(0, 4)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa', 'ssh-ed25519']);
    expect(check(lines, { pin: fingerprint(rsa) })).toMatchObject({
      typeUnknown: false,
      algorithms: expect.arrayContaining(['rsa-sha2-512']),
    });
    expect(check('', { pin: fingerprint(rsa) }).typeUnknown).toBe(true);
    expect(hostKeyCheck([], { ...whom, pin: 'x' }, 'kh', ['ssh-ed25519', 'ssh-rsa']).algorithms).toEqual([
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
  });

  test('the line to add names the node and its address, with a port other than 22', () => {
    expect(knownHostsLine(whom, ed)).toBe(line('node-1,10.0.0.5', ed));
    expect(knownHostsLine({ ...whom, port: 2222 }, ed)).toBe(line('node-1,[10.0.0.5]:2222', ed));
    expect(knownHostsLine({ ...whom, name: '10.0.0.5' }, ed)).toBe(line('10.0.0.5', ed));
  });
});
