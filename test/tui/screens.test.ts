import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { picture, pictureFile, readmeFile, withFrames } from '../../scripts/screens.ts';

test('the README shows the screen as it is (npm run screens draws it anew)', () => {
  const readme = readFileSync(readmeFile, 'utf8');
  expect(withFrames(readme)).toBe(readme);
});

test('the picture shows the screen as it is', () => {
  expect(picture()).toBe(readFileSync(pictureFile, 'utf8'));
});
