import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { control, quote, secret, sh } from '../../src/core/command.ts';

const run = (text: string): string => execFileSync('/bin/sh', ['-c', text], { encoding: 'utf8' });

describe('a command', () => {
  it.each(['plain', "it's", 'a b', '$(id)', '`id`', '"', '\\', '*', '', 'line\nbreak', '-n', 'ü €', '!x', '~', '#'])(
    'gives the shell %j as one word',
    (word) => {
      expect(run(`printf '[%s]' ${quote(word)}`)).toBe(`[${word}]`);
    },
  );

  it('spreads an array into several words', () => {
    expect(run(sh`printf '[%s]' ${['a b', "c'd"]}`.text)).toBe("[a b][c'd]");
  });

  it('never holds the text of a secret, in no form', () => {
    const command = sh`login --password ${secret({ env: 'TOKEN' })} ${'x y'}`;
    expect(command.text).toBe(`login --password "$DROVER_SECRET_1" 'x y'`);
    expect(command.masked).toBe(`login --password *** 'x y'`);
    expect(command.secrets).toEqual({ DROVER_SECRET_1: { env: 'TOKEN' } });
  });

  it('shows a controller command with hidden words masked', () => {
    expect(control(['helm', 'upgrade', 'hunter2'], ['hunter2']).masked).toBe('helm upgrade ***');
  });
});
