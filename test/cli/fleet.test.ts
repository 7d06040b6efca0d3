import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFleet, loadFleet } from '../../src/cli/fleet.ts';
import { fleetJsonSchema } from '../../src/cli/fleet-schema.ts';
import { report } from '../../src/cli/report.ts';
import { tempFolder } from './temp-folder.ts';

const written = (text: string): string => {
  const path = join(tempFolder(), 'fleet.yaml');
  writeFileSync(path, text);
  return path;
};
const load = (text: string) => loadFleet(written(text), '/home/ops', '/');

/** What a user reads about a broken file, without the folder that it is in. */
const complaint = (text: string): string => {
  const path = written(text);
  try {
    loadFleet(path, '/home/ops', '/');
  } catch (error) {
    const { text: said, exitCode } = report(error, false);
    expect(exitCode).toBe(2);
    expect(said).not.toContain('    at ');
    return said.replaceAll(path.slice(1), 'fleet.yaml').replaceAll(path, 'fleet.yaml');
  }
  return 'nothing';
};

const good = `
cluster: { context: prod }
ssh: { user: ops, jump: bastion.example.org, identityFile: ~/.ssh/drover, knownHosts: keys/known_hosts }
nodes:
  runner-1: { address: 10.77.0.11, labels: { role: gitlab-runner, esxi: a }, vars: { newAddress: 10.77.1.11/23 } }
  runner-2: { addresses: [10.77.0.12, runner-2.example.org] }
`;

test('reads an inventory, with paths made whole from home and from the file', () => {
  const path = written(good);
  const fleet = loadFleet(path, '/home/ops', '/');
  expect(fleet.cluster).toEqual({ context: 'prod' });
  expect(fleet.ssh).toEqual({
    user: 'ops',
    port: null,
    jump: 'bastion.example.org',
    identityFile: '/home/ops/.ssh/drover',
    knownHosts: path.replace('fleet.yaml', 'keys/known_hosts'),
  });
  expect(fleet.nodes).toEqual([
    { name: 'runner-1', addresses: ['10.77.0.11'], labels: { role: 'gitlab-runner', esxi: 'a' }, vars: { newAddress: '10.77.1.11/23' } },
    { name: 'runner-2', addresses: ['10.77.0.12', 'runner-2.example.org'], labels: {}, vars: {} },
  ]);
});

test.each([
  ['{ webhook: { env: DROVER_WEBHOOK } }', { webhook: { env: 'DROVER_WEBHOOK' }, remind: '15m' }],
  ['{ webhook: { file: ~/hook }, remind: 1h }', { webhook: { file: '/home/ops/hook' }, remind: '1h' }],
])('reads whom to tell, by reference: %s', (notify, read) => {
  expect(load(`notify: ${notify}\nnodes:\n  n1: { address: 10.0.0.1 }`).notify).toEqual(read);
});

test.each([
  [
    'notify: { webhook: https://hooks.example.org/T0/s3cret }\nnodes:\n  n1: { address: 10.0.0.1 }',
    'fleet.yaml:1:20: notify.webhook: is a reference, because the address is a secret: { env: NAME } or { file: PATH }',
  ],
  [
    'notify: { webhook: { env: HOOK }, remind: daily }\nnodes:\n  n1: { address: 10.0.0.1 }',
    'fleet.yaml:1:43: notify.remind: is a time like 15m',
  ],
  [
    'notify: { webhook: { env: HOOK }, remind: 100ms }\nnodes:\n  n1: { address: 10.0.0.1 }',
    'fleet.yaml:1:43: notify.remind: is at least 1s',
  ],
  [
    'notify: { webhok: { env: HOOK } }\nnodes:\n  n1: { address: 10.0.0.1 }',
    'fleet.yaml:1:11: notify.webhok: there is no such key; did you mean webhook?\nfleet.yaml:1:1: notify.webhook: is missing',
  ],
  [
    'nodes:\n  n1: { adress: 10.0.0.1 }',
    'fleet.yaml:2:9: nodes.n1.adress: there is no such key; did you mean address?\nfleet.yaml:2:3: nodes.n1: has no address',
  ],
  ['clutser: {}\nnodes:\n  n1: { address: 10.0.0.1 }', 'fleet.yaml:1:1: clutser: there is no such key; did you mean cluster?'],
  ['ssh: { port: 70000 }\nnodes:\n  n1: { address: 10.0.0.1 }', 'fleet.yaml:1:14: ssh.port: a port is 1 to 65535'],
  [
    'nodes:\n  n1: { address: 10.0.0.1/24 }',
    'fleet.yaml:2:18: nodes.n1.address: 10.0.0.1/24 has a prefix length; an address is written without it',
  ],
  ['nodes:\n  "@run": { address: 10.0.0.1 }', 'fleet.yaml:2:3: nodes: @run is no name for a node: it stands for the run itself'],
  [
    'nodes:\n  Runner_1: { address: 10.0.0.1 }',
    'fleet.yaml:2:3: nodes: "Runner_1" is no Kubernetes node name: small letters, digits, - and . only',
  ],
  ['nodes:\n  n1: { address: 10.0.0.1 }\n  n1: { address: 10.0.0.2 }', 'fleet.yaml:3:3: n1 stands here twice; each name may be used once'],
  [
    'nodes:\n  n1: { address: 10.0.0.1 }\n  n2: { address: 10.0.0.1 }',
    'fleet.yaml:3:18: nodes.n2: 10.0.0.1 is the address of n1 already; two nodes cannot share one',
  ],
  [
    'nodes:\n  n1: { address: 10.0.0.1, labels: { zone: 1.10 } }',
    'fleet.yaml:2:44: nodes.n1.labels.zone: labels are texts: write "1.1" in quotes, or YAML changes it (1.10 becomes 1.1)',
  ],
  [
    'nodes:\n  n1: { address: 10.0.0.1, addresses: [10.0.0.2] }',
    'fleet.yaml:2:39: nodes.n1.addresses: give address or addresses, not both',
  ],
  ['nodes: {}', 'fleet.yaml:1:1: nodes: there is no node'],
  ['', 'fleet.yaml:1:1: nodes: is missing'],
  ['nodes: [a, b]', 'fleet.yaml:1:8: nodes: should be a mapping of node names, each with an address'],
  ['nodes:\n  n1: 10.0.0.1', 'fleet.yaml:2:7: nodes.n1: should be a mapping'],
])('says file, line and path for %j', (text, expected) => {
  const said = complaint(text).replace(/^drover: /, '');
  expect(said.split('\n').sort()).toEqual(expected.split('\n').sort());
});

test('names the line of what is no YAML at all', () => {
  expect(complaint('nodes:\n  n1: { address: 10.0.0.1\n  n2: x')).toMatch(/^drover: fleet\.yaml:\d+:\d+: this is no YAML: /);
});

test('does not blow up a file of nested aliases', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`),
  ].join('\n');
  expect(complaint(bomb)).toContain('this YAML cannot be used');
});

test('finds the nearest fleet.yaml upward, before that DROVER_FLEET, before that the flag', () => {
  const path = written(good);
  const below = join(path, '..', 'a', 'b');
  mkdirSync(below, { recursive: true });
  const other = written(good);
  expect(findFleet({ flag: undefined, env: {}, cwd: below })).toBe(path);
  expect(findFleet({ flag: undefined, env: { DROVER_FLEET: other }, cwd: below })).toBe(other);
  expect(findFleet({ flag: '../../fleet.yaml', env: { DROVER_FLEET: other }, cwd: below })).toBe(path);
  expect(() => findFleet({ flag: 'no.yaml', env: {}, cwd: below })).toThrow('there is no file no.yaml, which --fleet names');
  expect(() => findFleet({ flag: undefined, env: {}, cwd: '/' })).toThrow('drover init makes one');
});

test('finds the line of a value for errors that are found later', () => {
  const fleet = load(good);
  const { detail } = fleet.error(['nodes', 'runner-1', 'vars', 'newAddress'], 'no');
  expect(detail).toMatchObject({ line: 5 });
});

test('ships the JSON Schema for editors that the code makes', () => {
  const shipped: unknown = JSON.parse(readFileSync(new URL('../../schema/fleet.schema.json', import.meta.url), 'utf8'));
  expect(shipped, 'run npm run schema').toEqual(JSON.parse(JSON.stringify(fleetJsonSchema())));
});
