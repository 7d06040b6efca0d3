import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadFleet } from '../../src/cli/fleet.ts';
import { fieldsOf, parseParams, parseVars } from '../../src/cli/params.ts';
import { report } from '../../src/cli/report.ts';
import { runbook } from '../../src/core/runbook.ts';
import { tempFolder } from './temp-folder.ts';

const rollout = { canary: 1, maxUnavailable: 1, maxFailures: 0 } as const;
const migrate = runbook({
  name: 'migrate',
  summary: 'A test.',
  version: 1,
  params: z.object({
    connection: z.string().default('ens192').describe('NetworkManager connection'),
    gateway: z.ipv4().describe('gateway of the service subnet'),
    modules: z.array(z.string()).default(['iptable_nat']),
    move: z.enum(['none', 'person']).default('person'),
    count: z.number().int().optional(),
    dry: z.boolean().default(false),
    mixed: z.union([z.number(), z.string()]).optional(),
    map: z.record(z.string(), z.number()).optional(),
  }),
  vars: z.object({ newAddress: z.cidrv4().describe("the node's new address, with its prefix") }),
  rollout,
  onFailure: 'pause',
  steps: () => [],
});
const parse = (...sets: string[]) => parseParams(migrate, ['gateway=10.0.0.1', ...sets]);

test('fills in defaults', () => {
  expect(parse()).toEqual({ connection: 'ens192', gateway: '10.0.0.1', modules: ['iptable_nat'], move: 'person', dry: false });
});

test.each([
  ['modules=a,b', { modules: ['a', 'b'] }],
  ['modules=["a","b,c"]', { modules: ['a', 'b,c'] }],
  ['modules=', { modules: [] }],
  ['count=3', { count: 3 }],
  ['dry=true', { dry: true }],
  ['mixed=3', { mixed: 3 }],
  ['mixed=x', { mixed: 'x' }],
  ['map={"a":1}', { map: { a: 1 } }],
  ['connection=123', { connection: '123' }],
  ['connection=a=b', { connection: 'a=b' }],
])('reads --set %s by the type that the runbook asks for', (set, expected) => {
  expect(parse(set)).toMatchObject(expected);
});

test.each([
  [
    ['gatewy=1'],
    'runbook migrate has no parameter gatewy; did you mean gateway?; it takes:\n  connection (ens192)  NetworkManager connection\n  gateway (required)',
  ],
  [['count=many'], 'parameter count: is not a number (got "many"); for example --set count=1'],
  [['dry=yes'], 'parameter dry: is neither true nor false (got "yes")'],
  [['move=robot'], 'parameter move: has to be none or person (got "robot"); for example --set move=none'],
  [['modules'], '--set modules has no value: write --set NAME=VALUE'],
  [['gateway=10.0.0.2'], '--set gateway was given twice'],
])('refuses --set %j', (sets, message) => {
  expect(() => parse(...sets)).toThrow(message);
});

test('says what a missing parameter is for and shows one', () => {
  expect(() => parseParams(migrate, [])).toThrow(
    'runbook migrate: parameter gateway is missing: gateway of the service subnet; for example --set gateway=10.0.0.1',
  );
});

test('refuses a schema whose values would not survive being stored', () => {
  const odd = {
    ...migrate,
    params: z.object({
      when: z
        .string()
        .default('2026-01-01')
        .transform((text) => new Date(text)),
    }),
  };
  expect(() => parseParams(odd, [])).toThrow('must be plain data that parses to itself');
  const growing = {
    ...migrate,
    params: z.object({
      a: z
        .string()
        .default('x')
        .transform((text) => `${text}!`),
    }),
  };
  expect(() => parseParams(growing, [])).toThrow('must be plain data that parses to itself');
});

const varsError = (vars: string): string => {
  const path = join(tempFolder(), 'fleet.yaml');
  writeFileSync(path, `nodes:\n  n1:\n    address: 10.0.0.1\n    vars: ${vars}\n`);
  const fleet = loadFleet(path, '/home/ops', '/');
  const [node] = fleet.nodes;
  if (!node) throw new Error('the test has no node');
  try {
    parseVars(migrate, fleet, node);
  } catch (error) {
    return report(error, false).text.replaceAll(path.slice(1), 'fleet.yaml');
  }
  return 'nothing';
};

test('names node, var and line of fleet.yaml when a var is missing, wrong or misspelt', () => {
  expect(varsError('{}')).toBe(
    "drover: fleet.yaml:4:5: node n1: var newAddress is missing, and runbook migrate needs it: the node's new address, with its prefix; add it, for example vars: { newAddress: 10.0.0.11/24 }",
  );
  expect(varsError('{ newAdress: 10.0.0.2/24 }')).toContain('; there is a var newAdress: is that meant?');
  expect(varsError('{ newAddress: 10.0.0.2 }')).toMatch(/^drover: fleet\.yaml:4:25: node n1: var newAddress: .* \(is "10\.0\.0\.2"\)/);
  expect(varsError('{ newAddress: 10.0.0.2/24, other: 1 }')).toBe('nothing');
});

test('shows nothing to ask for where a runbook takes no parameters', () => {
  expect(fieldsOf(z.object({}))).toEqual([]);
  expect(() => parseParams({ ...migrate, params: z.object({}) }, ['a=1'])).toThrow('runbook migrate has no parameter a; it takes none');
});
