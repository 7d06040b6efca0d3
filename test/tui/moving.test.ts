import { describe, expect, test } from 'vitest';
import { learn } from '../../src/tui/model.ts';
import { type Ui, frame, press, startUi } from '../../src/tui/ui.ts';
import { asked, effects, failed, failedKnown, size } from './keys.ts';
import { crowd, further } from './scenes.ts';
import { drawn, modelAtEnd, output, pressed, runId, textOf } from './story.ts';

describe('leaving', () => {
  test.each([
    ['q asks first, and says who goes on', failedKnown, 'q', []],
    ['y leaves', failedKnown, 'q y', [{ do: 'detach' }]],
    ['Ctrl-C asks as well', failedKnown, 'ctrl+c', []],
    ['a second Ctrl-C leaves', failedKnown, 'ctrl+c ctrl+c', [{ do: 'detach' }]],
    ['Ctrl-C leaves out of anything that is typed or asked', failedKnown, '/ a b ctrl+c ctrl+c', [{ do: 'detach' }]],
    ['what was typed does not take the answer', failedKnown, '/ a b ctrl+c y', [{ do: 'detach' }]],
    ['nor does the list of keys', failedKnown, '? ctrl+c y', [{ do: 'detach' }]],
    ['a run that has ended is left at once', modelAtEnd(), 'q', [{ do: 'quit' }]],
    ['Ctrl-Z stops for a while', asked, 'ctrl+z', [{ do: 'suspend' }]],
  ])('%s', (_does, model, keys, expected) => expect(effects(model, keys)).toEqual(expected));

  test('says what stops when nobody else works on the run', () => {
    const alone = learn(asked, { is: 'holders', holders: { here: true, others: [] } });
    expect(pressed(alone, 'q', size).ask?.question).toContain(`nodes stay as they are until drover resume ${runId}`);
    expect(pressed(failedKnown, 'q', size).ask?.question).toContain('worker 4711 on ops-1');
  });
});

test('shows under a step who keeps each pod from going, and since when', () => {
  const by = { by: 'PodDisruptionBudget ci/keep', why: 'it needs 2 healthy pods and has 2' };
  const blocked = further(asked, 'runner-03', { type: 'step.blocked', step: 'reboot', by: [{ pod: 'ci/a', ...by }] });
  const later = learn(blocked, { is: 'now', at: blocked.now + 300_000 });
  expect(drawn(later, 'j enter', { columns: 120, rows: 40 })).toContain(
    'ci/a is kept by PodDisruptionBudget ci/keep, first 5m ago: it needs 2 healthy pods and has 2',
  );
});

describe('moving', () => {
  const many = crowd(
    Array.from({ length: 100 }, (_, index) => `n-${index}`),
    (place) => place % 17,
  );
  const flat = 'z z ';
  const at = (keys: string, model = many): string => pressed(model, keys, size).fleet.cursor?.node ?? '';

  test('goes by vim: j and k, half pages and pages, to both ends, and never beyond', () => {
    const order = Array.from({ length: 30 }, (_, index) => at(`${flat}${'j '.repeat(index)}`));
    expect(new Set(order.slice(1)).size).toBe(29);
    expect(at(`${flat}j j k`)).toBe(order[1]);
    expect(at(`${flat}ctrl+d`)).toBe(order[7]);
    expect(at(`${flat}ctrl+f`)).toBe(order[14]);
    expect(at(`${flat}ctrl+f ctrl+b`)).toBe(at(`${flat}k k`));
    expect(at(`${flat}G j j`)).toBe(at(`${flat}G`));
    expect(at(`${flat}G g`)).toBe(at(`${flat}k`));
  });

  test('keeps the cursor on its node while others overtake it', () => {
    const ui = pressed(asked, 'j', size);
    const later = further(asked, 'runner-02', { type: 'node.finished', outcome: 'succeeded' });
    expect(press(ui, later, { name: 'x' }, size).ui.ask?.question).toContain('Cancel runner-03?');
  });

  test('keeps the cursor with its node when that is folded away', () => {
    const ui = pressed(asked, 'j j j enter j', size);
    expect(ui.fleet.cursor?.node).toBe('runner-06');
    const folded = press(ui, asked, { name: 'space' }, size).ui;
    expect(press(folded, asked, { name: 'x' }, size).ui.ask?.question).toContain('Cancel runner-[05-08] (4 nodes)?');
  });

  test('filters by words that have to be there and words that must not, and escape shows all again', () => {
    const rows = (keys: string): string => textOf(frame(pressed(asked, keys, size), asked, size, {}));
    expect(rows('/ r e b o o t enter')).toContain('3 of 8 nodes');
    expect(rows('/ r u n n e r space ! r e b o o t enter')).toContain('5 of 8 nodes');
    expect(rows('/ e s x i = a enter')).toContain('2 of 8 nodes');
    expect(rows('/ r e b escape')).not.toContain('of 8 nodes');
    expect(rows('/ r e b enter escape')).not.toContain('of 8 nodes');
    expect(pressed(asked, '/ r e b backspace backspace enter', size).fleet.filter).toBe('r');
  });

  test('sorts by state, name and time, what wants a person first in each', () => {
    const first = (keys: string): string | undefined => /› (. \S+)/.exec(textOf(frame(pressed(failed, keys, size), failed, size, {})))?.[1];
    expect([first('g'), first('s g'), first('s s g')]).toEqual(['⏸ runner-07', '× runner-03', '⏸ runner-07']);
  });
});

describe('one node', () => {
  test('asks for its output and details when it is opened, and for none when it is left', () => {
    expect(effects(failed, 'n n enter')).toEqual([{ do: 'look-at', node: 'runner-03' }]);
    expect(effects(failed, 'n n enter escape')).toEqual([{ do: 'look-at', node: null }]);
    expect(effects(failed, 'n n enter ]')).toEqual([{ do: 'look-at', node: 'runner-04' }]);
    expect(effects(failed, 'n n enter [')).toEqual([{ do: 'look-at', node: 'runner-02' }]);
  });

  const lines = Array.from({ length: 500 }, (_, index) => ({
    at: 1000 * index,
    step: 's',
    line: `line ${index}${index % 100 === 7 ? ' seven' : ''}`,
  }));
  const long = learn(failed, { is: 'output', node: 'runner-03', lines });
  const seen = (keys: string, model = long): string => textOf(frame(pressed(model, `n n enter tab ${keys}`, size), model, size, {}));

  test('follows its output, scrolls back, and follows again at the end', () => {
    expect(seen('')).toContain('line 499');
    expect(seen('k k k')).toContain('line 497 of 500');
    expect(seen('k k k')).not.toContain('line 499');
    expect(seen('g')).toContain('line 0');
    expect(seen('k k k G')).toContain('output, following');
    expect(seen('k k k f')).toContain('line 499');
    const more = learn(long, { is: 'output', node: 'runner-03', lines: [...lines, { at: 1, step: 's', line: 'the newest' }] });
    const scrolled = pressed(long, 'n n enter tab k k k', size);
    expect(textOf(frame(scrolled, more, size, {}))).toContain('line 497 of 501');
    expect(seen('', more)).toContain('the newest');
  });

  test('searches its output, and goes from one match to the other', () => {
    expect(seen('/ s e v e n enter')).toContain('"seven": 5 lines');
    expect(seen('/ s e v e n enter')).toContain('line 408 of 500');
    expect(seen('/ s e v e n enter N')).toContain('line 308 of 500');
    expect(seen('/ s e v e n enter N n')).toContain('line 408 of 500');
    expect(seen('/ s e v e n enter n')).toContain('no later line with seven');
    expect(seen('/ x enter')).toContain('nothing that was printed has x');
  });

  test('says what it does not know yet', () => {
    expect(seen('', failed)).toContain('is being looked up');
    expect(seen('', learn(failed, { is: 'output', node: 'runner-03', lines: [] }))).toContain('nothing was printed');
    expect(output.length).toBeGreaterThan(0);
  });
});

test('plays history by keys: stop, speed, jumps within it', () => {
  const play = { from: 0, to: 100_000, speed: 8, paused: false };
  const model = { ...failed, now: 50_000 };
  const ui: Ui = { ...startUi, play };
  expect(effects(model, 't', ui)).toEqual([{ do: 'play', at: 50_000, speed: 8, paused: true }]);
  expect(effects(model, '>', ui)).toEqual([{ do: 'play', at: 50_000, speed: 16, paused: false }]);
  expect(effects(model, '<', ui)).toEqual([{ do: 'play', at: 50_000, speed: 4, paused: false }]);
  expect(effects(model, ',', ui)).toEqual([{ do: 'play', at: 45_000, speed: 8, paused: false }]);
  expect(effects({ ...model, now: 99_000 }, '.', ui)).toEqual([{ do: 'play', at: 100_000, speed: 8, paused: false }]);
  expect(effects(model, 'q', ui)).toEqual([{ do: 'quit' }]);
  expect(press(ui, model, { name: 'X', text: 'X' }, size).ui.notice?.words).toContain('this is history');
});
