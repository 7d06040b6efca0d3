/** zod's own words name JavaScript types and signs; these say what an operator may type. What they do not know stays as it is. */
const plain: readonly (readonly [RegExp, string])[] = [
  [/^Invalid input: expected number, received .*/, 'is not a number'],
  [/^Invalid input: expected int, received .*/, 'is not a whole number'],
  [/^Invalid input: expected boolean, received .*/, 'is neither true nor false'],
  [/^Invalid input: expected array, received .*/, 'is not a list'],
  [/^Invalid input: expected object, received .*/, 'is not a mapping'],
  [/^Too small: expected \w+ to be >=(\S+)$/, 'has to be at least $1'],
  [/^Too small: expected \w+ to be >(\S+)$/, 'has to be more than $1'],
  [/^Too big: expected \w+ to be <=(\S+)$/, 'has to be at most $1'],
  [/^Too big: expected \w+ to be <(\S+)$/, 'has to be less than $1'],
  [/^Too small: expected (?:string|array) to have >=1 (?:characters|items)$/, 'must not be empty'],
];

/** What is wrong with a value, in words for people. */
export const zodWords = (message: string): string => {
  const options = /^Invalid option: expected one of (.*)$/.exec(message)?.[1];
  if (options !== undefined) return `has to be ${options.replaceAll('"', '').split('|').join(' or ')}`;
  const [pattern, words] = plain.find(([each]) => each.test(message)) ?? [];
  return pattern === undefined || words === undefined ? message : message.replace(pattern, words);
};
