import { describe, expect, it } from 'vitest';
import { fillIn } from '../../src/core/fill-in.ts';

describe('the placeholders of words', () => {
  it.each([
    [['{node}'], { node: 'n1' }, ['n1']],
    [['-vm={node}', '{node}{node}'], { node: 'a b' }, ['-vm=a b', 'a ba b']],
    [['{"a":1}', '{}', '{ node }', '$x'], {}, ['{"a":1}', '{}', '{ node }', '$x']],
    // what was put in is not looked at again
    [['{a}'], { a: '{b}', b: 'c' }, ['{b}']],
    [['{a}'], { a: '$& $1' }, ['$& $1']],
    [['{a}'], { a: '' }, ['']],
  ] as const)('in %j get their values', (words, values, filled) => {
    expect(fillIn('the command', words, values)).toEqual(filled);
  });

  it.each([
    [['{host}'], { node: 'n1' }, /the command has the placeholder \{host\}, which nobody knows; there are \{node\}/],
    [['{toString}'], { node: 'n1' }, /which nobody knows/],
    [['{network}'], { network: undefined }, /and there is no network to put there/],
  ])('in %j are refused', (words, values, why) => {
    expect(() => fillIn('the command', words, values)).toThrow(why);
  });
});
