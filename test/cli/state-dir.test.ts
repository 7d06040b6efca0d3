import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stateDir, stateDirPath } from '../../src/cli/state-dir.ts';
import { tempFolder } from './temp-folder.ts';

test('follows DROVER_STATE_DIR, then XDG_STATE_HOME when it is absolute, then home', () => {
  expect(stateDirPath({ DROVER_STATE_DIR: '/x', XDG_STATE_HOME: '/y' }, '/home/ops')).toBe('/x');
  expect(stateDirPath({ XDG_STATE_HOME: '/y' }, '/home/ops')).toBe('/y/drover');
  expect(stateDirPath({ XDG_STATE_HOME: 'y' }, '/home/ops')).toBe('/home/ops/.local/state/drover');
  expect(stateDirPath({ DROVER_STATE_DIR: '' }, '/home/ops')).toBe('/home/ops/.local/state/drover');
});

test('makes it for its owner only, and closes it when it stands open', () => {
  const path = join(tempFolder(), 'a', 'b');
  const mode = (): number => statSync(stateDir({ DROVER_STATE_DIR: path }, '/')).mode & 0o777;
  expect(mode()).toBe(0o700);
  chmodSync(path, 0o755);
  expect(mode()).toBe(0o700);
});

test('says what to set when the folder cannot be made', () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  expect(() => stateDir({ DROVER_STATE_DIR: join(file, 'x') }, '/')).toThrow(
    /cannot be used: .*; set DROVER_STATE_DIR to a folder that can be written/,
  );
});
