import { expect, test } from 'vitest';
import { distance, didYouMean } from '../../src/cli/did-you-mean.ts';
import { meansAll, selectNodes } from '../../src/cli/select.ts';
import type { Node } from '../../src/core/node.ts';

const node = (name: string, labels: Record<string, string>): Node => ({ name, addresses: [name], labels, vars: {} });
const nodes = [
  node('runner-1', { role: 'gitlab-runner', esxi: 'a' }),
  node('runner-2', { role: 'gitlab-runner', esxi: 'b' }),
  node('db-1', { role: 'db' }),
];
const pick = (selection: { names?: string[]; selectors?: string[]; exclude?: string[] }): string[] =>
  selectNodes(nodes, { names: [], selectors: [], exclude: [], ...selection }, 'fleet.yaml').map(({ name }) => name);

test('takes all nodes when nothing is said, in the order of the file', () => {
  expect(pick({})).toEqual(['runner-1', 'runner-2', 'db-1']);
  expect(meansAll({ names: [], selectors: [], exclude: ['db-1'] })).toBe(true);
  expect(meansAll({ names: ['db-1'], selectors: [], exclude: [] })).toBe(false);
});

test.each([
  [['role=gitlab-runner'], ['runner-1', 'runner-2']],
  [['role==gitlab-runner,esxi=b'], ['runner-2']],
  [['role=gitlab-runner', 'esxi!=b'], ['runner-1']],
  [['esxi'], ['runner-1', 'runner-2']],
  [['!esxi'], ['db-1']],
  [['esxi!=a'], ['runner-2', 'db-1']],
])('understands -l %j', (selectors, expected) => {
  expect(pick({ selectors })).toEqual(expected);
});

test('takes names in the order in which they are given, once each, and leaves out what is excluded', () => {
  expect(pick({ names: ['runner-2', 'runner-1', 'runner-2'] })).toEqual(['runner-2', 'runner-1']);
  expect(pick({ exclude: ['runner-1'] })).toEqual(['runner-2', 'db-1']);
});

test('shows the labels there are when a selector matches nothing', () => {
  expect(() => pick({ selectors: ['role=runner'] })).toThrow(
    'no node in fleet.yaml matches -l role=runner; the labels there are:\n  esxi: a, b\n  role: db, gitlab-runner',
  );
});

test.each([
  [{ names: ['runer-1'] }, 'there is no node runer-1 in fleet.yaml; did you mean runner-1 or runner-2?'],
  [{ names: ['zzz'] }, 'there is no node zzz in fleet.yaml; there are runner-1, runner-2, db-1'],
  [{ exclude: ['db1'] }, 'there is no node db1 in fleet.yaml; did you mean db-1?'],
  [{ names: ['db-1'], exclude: ['db-1'] }, '--exclude leaves no node'],
  [{ names: ['db-1'], selectors: ['role=db'] }, 'give node names or -l, not both'],
  [{ selectors: ['=x'] }, '-l =x is no selector'],
  [{ selectors: ['!a=b'] }, '-l !a=b is no selector'],
])('refuses %j', (selection, message) => {
  expect(() => pick(selection)).toThrow(message);
});

test('counts edits as people make them', () => {
  expect(distance('iptables_nat', 'iptable_nat')).toBe(1);
  expect(distance('rnu', 'run')).toBe(1);
  expect(distance('', 'abc')).toBe(3);
  expect(didYouMean('migrate', ['migrate-runner-node', 'other'])).toBe('; did you mean migrate-runner-node?');
  expect(didYouMean('xyz', ['migrate-runner-node'])).toBe('');
});
