import { describe, expect, test } from 'vitest';
import { actions } from '../../src/tui/act/all.ts';
import { type Model, learn } from '../../src/tui/model.ts';
import { frame, press } from '../../src/tui/ui.ts';
import { asked, effects, failed, failedKnown, fresh, onePaused, size } from './keys.ts';
import { further } from './scenes.ts';
import { modelAtEnd, pressed, textOf } from './story.ts';

const say = (...records: unknown[]): unknown[] => [{ do: 'say', records }];
const noticeOf = (model: Model, keys: string): string => pressed(model, keys, size).notice?.words ?? '';

describe('what keys say to the run', () => {
  const cases: readonly (readonly [does: string, model: Model, keys: string, effects: readonly unknown[]])[] = [
    ['a pause of the node under the cursor', asked, 'j p y', say({ type: 'pause', nodes: ['runner-03'] })],
    [
      'a pause of all nodes of a folded group',
      asked,
      'j j j p y',
      say({ type: 'pause', nodes: ['runner-05', 'runner-06', 'runner-07', 'runner-08'] }),
    ],
    ['a resume of what is paused', onePaused, '/ 0 3 enter p y', say({ type: 'resume', nodes: ['runner-03'] })],
    ['a pause of the run', asked, 'P y', say({ type: 'pause' })],
    ['a resume of what is paused, where others are not', onePaused, 'P r', say({ type: 'resume' })],
    ['a retry of what failed', failed, 'n n r y', say({ type: 'replay', nodes: ['runner-03'] })],
    ['a replay from the step under the cursor', failed, 'n n enter k R y', say({ type: 'replay', from: 'reboot', nodes: ['runner-03'] })],
    ['a rollback, once the way back is known', failedKnown, 'n n b y', say({ type: 'rollback', nodes: ['runner-03'] })],
    ['a cancel of a node', asked, 'j x y', say({ type: 'cancel', nodes: ['runner-03'] })],
    ['a cancel of the run', asked, 'X y', say({ type: 'cancel' })],
  ];
  test.each(cases)('%s', (_does, model, keys, expected) => expect(effects(model, keys)).toEqual(expected));

  test('say nothing before they were confirmed, and nothing at any other key', () => {
    for (const [, model, keys] of cases) {
      const asking = pressed(model, keys.split(' ').slice(0, -1).join(' '), size);
      expect(asking.ask).toBeDefined();
      for (const name of ['n', 'escape', 'enter', 'space', 'q']) {
        const { ui, effects: none } = press(asking, model, { name }, size);
        expect([ui.ask, none]).toEqual([undefined, []]);
      }
    }
  });

  test('name in the question whom it is about, and what comes of it', () => {
    expect(pressed(asked, 'j j j x', size).ask?.question).toBe(
      'Cancel runner-[05-08] (4 nodes)? what runs is stopped, nothing is taken back',
    );
    expect(pressed(asked, 'j x', size).ask?.question).toContain('left out of service: runner-03');
  });

  test('stay with whom they were asked about, whatever happens meanwhile', () => {
    const asking = pressed(asked, 'j x', size);
    const later = further(asked, 'runner-03', { type: 'node.finished', outcome: 'failed' });
    expect(press(asking, later, { name: 'y', text: 'y' }, size).effects).toEqual(say({ type: 'cancel', nodes: ['runner-03'] }));
  });

  test('approve with yes, deny with no, and only the nodes that wait at that step', () => {
    const outline = [{ id: 'approval:start', kind: 'change', wish: null }] as const;
    const waits = (model: Model, name: string): Model =>
      further(
        model,
        name,
        { type: 'plan.started', plan: 'forward', fingerprint: '', outline, reset: [], by: 'x' },
        { type: 'step.started', step: 'approval:start', attempt: 1, before: null },
        { type: 'step.asked', step: 'approval:start', instructions: 'go?' },
      );
    const model = waits(waits(fresh, 'runner-02'), 'runner-03');
    const about = { type: 'answer', step: 'approval:start', nodes: ['runner-02', 'runner-03'] };
    expect(effects(model, 'space a y')).toEqual(say({ ...about, answer: 'yes' }));
    expect(effects(model, 'space a d')).toEqual(say({ ...about, answer: 'no' }));
    expect(effects(model, 'a y')).toEqual(say({ ...about, nodes: ['runner-02'], answer: 'yes' }));
  });

  test('answer what somebody else changed with overwrite or keep, and let the node go on', () => {
    const outline = [{ id: 'undo.address', kind: 'change', wish: null }] as const;
    const model = further(
      fresh,
      'runner-02',
      { type: 'plan.started', plan: 'rollback', fingerprint: '', outline, reset: [], by: 'x' },
      {
        type: 'node.parked',
        waitsFor: 'somebody else changed what drover had done in address; say drover answer RUN runner-02 undo.address overwrite (or keep)',
        clears: 'by-word',
      },
    );
    const nodes = ['runner-02'];
    expect(effects(model, 'a o')).toEqual(
      say({ type: 'answer', step: 'undo.address', answer: 'overwrite', nodes }, { type: 'resume', nodes }),
    );
    expect(effects(model, 'a k')).toEqual(say({ type: 'answer', step: 'undo.address', answer: 'keep', nodes }, { type: 'resume', nodes }));
  });

  test('answer with one of the choices that a step has', () => {
    const which = { instructions: 'which datastore?', to: 'the vCenter team', choices: ['ssd', 'disk'] };
    const model = further(asked, 'runner-03', { type: 'step.asked', step: 'reboot', ...which });
    expect(pressed(model, 'j a', size).ask?.question).toBe('Answer reboot on runner-03? which datastore?');
    const said = (text: string): unknown[] => say({ type: 'answer', answer: text, nodes: ['runner-03'], step: 'reboot' });
    expect(effects(model, 'j a 2')).toEqual(said('disk'));
    expect(effects(model, 'j a 1')).toEqual(said('ssd'));
    expect(effects(model, 'j a y')).toEqual([]);
  });

  test('answer in words, once they were typed and confirmed', () => {
    const wordy = further(asked, 'runner-03', { type: 'step.asked', step: 'reboot', instructions: 'which ticket?', words: true });
    const said = say({ type: 'answer', answer: 'moved it', nodes: ['runner-03'], step: 'reboot' });
    expect(effects(wordy, 'j A m x backspace o v e d space i t enter y')).toEqual(said);
    expect(pressed(wordy, 'j A m e enter', size).ask?.question).toMatch(/^Answer reboot on runner-03 with "me"\?/);
    expect(noticeOf(wordy, 'j a')).toContain('in words: A types one');
    for (const keys of ['j A m e escape', 'j A enter', 'j A space enter', 'j A m e enter n']) {
      expect(effects(wordy, keys)).toEqual([]);
      expect(noticeOf(wordy, keys)).toBe('nothing was said');
    }
  });

  test('do not roll back before the way back was seen, nor where there is none', () => {
    expect(effects(failed, 'n n b')).toEqual([{ do: 'load-way-back', nodes: ['runner-03'] }]);
    expect(effects(failed, 'n n b y')).toEqual([]);
    expect(noticeOf(failed, 'n n b y')).toContain('still being looked up');
    const nowhere = learn(failed, { is: 'way-back', nodes: { 'runner-03': { kind: 'none', why: 'past the point of no return' } } });
    expect(effects(nowhere, 'n n b y')).toEqual([]);
    expect(noticeOf(nowhere, 'n n b y')).toContain('no way back');
  });
});

describe('a key that makes no sense now', () => {
  test.each([
    ['a', failed, 'n n a', 'it waits for no answer'],
    ['a, at work for a person', asked, 'a', 'no answer is needed'],
    ['A, where nobody asks', failed, 'n n A', 'asks for no words'],
    ['A, where drover only waits to see it done', asked, 'j A', 'asks for no words'],
    ['r', asked, 'r', 'it has not ended'],
    ['r, where all is well', modelAtEnd(), 'G r', 'it ended as wished'],
    ['R, without a step', failed, 'n n R', 'choose a step first'],
    ['b', asked, 'j j j b', 'nothing was changed here'],
    ['p', failed, 'n n p', 'it has ended'],
    ['x', failed, 'n n x', 'it has ended'],
    ['X', modelAtEnd(), 'X', 'all of it has ended'],
    ['P', modelAtEnd(), 'P', 'the run has ended'],
    ['n', fresh, 'n', 'nothing has failed'],
    ['n, in the output', failedKnown, 'n n enter tab n', '/ searches first'],
    ['space', failed, 'n n space', 'nothing to fold'],
    ['any other', asked, 'w', 'w is no key here'],
  ])('says why: %s', (_key, model, keys, why) => {
    expect(effects(model, keys)).toEqual([]);
    expect(noticeOf(model, keys)).toContain(why);
  });

  test('is said so at every key, in every view: none does nothing', () => {
    const all = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/?<>,.[]'.split('');
    for (const view of ['', 'enter ', 'enter tab ']) {
      const before = pressed(failedKnown, view, size);
      const silent = all.filter((name) => {
        const { ui, effects: none } = press(before, failedKnown, { name, text: name }, size);
        return none.length === 0 && JSON.stringify(ui) === JSON.stringify(before);
      });
      // at the first row and step there is nothing further up, and following goes on following
      expect(silent.filter((name) => !['g', 'k', 'G', 'j', 'f'].includes(name))).toEqual([]);
    }
  });
});

test('has a hint in sight for every action that makes sense now, and a line in the list of keys for every one', () => {
  for (const model of [fresh, asked, failed, onePaused, modelAtEnd()]) {
    for (const keys of ['', 'j', 'j j', 'enter']) {
      const ui = pressed(model, keys, { columns: 120, rows: 40 });
      const shown = textOf(frame(ui, model, { columns: 120, rows: 40 }, {}))
        .split('\n')
        .slice(-2)
        .join('\n');
      for (const { key } of actions) {
        const next = press(ui, model, { name: key, text: key }, size).ui;
        const can = (next.ask ?? next.typing) !== undefined;
        expect({ keys, key, hint: new RegExp(`(?:^|\\s)${key} \\w`, 'm').test(shown.replace(/^(node|run) /gm, '')) }).toEqual({
          keys,
          key,
          hint: can,
        });
      }
    }
  }
  const help = textOf(frame(pressed(asked, '?', size), asked, { columns: 100, rows: 80 }, {}));
  for (const { key, says } of actions) expect(help).toMatch(new RegExp(`^ +${key} +${says.slice(0, 20)}`, 'm'));
});
