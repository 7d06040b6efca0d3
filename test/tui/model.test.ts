import { describe, expect, test } from 'vitest';
import { fold } from '../../src/core/reduce.ts';
import { leftMs } from '../../src/tui/estimate.ts';
import { type Model, learn, startModel, tell, tellAll } from '../../src/tui/model.ts';
import { sentence } from '../../src/tui/sentences.ts';
import { asked, failed, fresh } from './keys.ts';
import { further } from './scenes.ts';
import { modelAtEnd, runId, spec, told } from './story.ts';

const start = (): Model => startModel(runId, spec, told[0]?.event.at ?? 0);
const viewOf = (model: Model, name: string): Model['nodes'][number] | undefined => model.nodes[model.index.get(name) ?? -1];

describe('the model', () => {
  test('knows of each stream what the engine knows: the same fold of the same events', () => {
    const model = modelAtEnd();
    for (const { name, run } of model.nodes)
      expect(run).toEqual(fold(told.filter(({ stream }) => stream === name).map(({ event }) => event)));
    expect(model.run).toEqual(fold(told.filter(({ stream }) => stream === '@run').map(({ event }) => event)));
  });

  test('is the same whether events come one by one, some at a time, or all at once', () => {
    const one = told.reduce(tell, start());
    const some = Array.from({ length: Math.ceil(told.length / 7) }, (_, index) => told.slice(index * 7, index * 7 + 7)).reduce(
      tellAll,
      start(),
    );
    expect(some).toEqual(one);
    expect(tellAll(start(), told)).toEqual(one);
  });

  test('counts every node once, at every event', () => {
    let model = start();
    for (const event of told) {
      model = tell(model, event);
      for (const [standing, number] of Object.entries(model.counts))
        expect(number).toBe(model.nodes.filter((node) => node.standing === standing).length);
    }
  });

  test('leaves the nodes as they are that an event is not about', () => {
    const next = tell(asked, { stream: 'runner-02', event: { type: 'node.resumed', by: 'x', seq: 999, at: asked.now } });
    expect(next.nodes.filter((node, place) => node !== asked.nodes[place]).map(({ name }) => name)).toEqual(['runner-02']);
  });

  test('takes no notice of streams that it does not know', () => {
    expect(tell(asked, { stream: 'somebody', event: { type: 'node.resumed', by: 'x', seq: 1, at: asked.now } })).toEqual(asked);
  });
});

describe('where a node stands', () => {
  const after = (...events: Parameters<typeof further>[2][]): (string | undefined)[] => {
    const node = viewOf(further(fresh, 'runner-01', ...events), 'runner-01');
    return [node?.standing, node?.step, node?.why];
  };
  const outline = [
    { id: 'cordon', kind: 'change', wish: null, within: '90s' },
    { id: 'reboot', kind: 'activation', wish: null },
  ] as const;
  const plan = { type: 'plan.started', plan: 'forward', fingerprint: '', outline, reset: [], by: 'x' } as const;
  const begun = { type: 'step.started', step: 'cordon', attempt: 1, before: null, unmet: ['new pods may be scheduled to it'] } as const;

  test.each([
    ['pending before it begins', [], ['pending', undefined, '']],
    ['refused when its preflight did not hold', [{ type: 'node.preflighted', unmet: ['no room'] }], ['refused', undefined, 'no room']],
    ['at the first step when it begins', [plan], ['running', 'cordon', '']],
    ['at a step, with what is not as wished', [plan, begun], ['running', 'cordon', 'new pods may be scheduled to it']],
    [
      'at a step whose outcome is not known',
      [plan, begun, { type: 'step.unknown', step: 'cordon', why: 'cut off' }],
      ['running', 'cordon', 'cut off, a look decides: cut off'],
    ],
    [
      'waiting for a person who was asked',
      [plan, begun, { type: 'step.asked', step: 'cordon', instructions: 'move it' }],
      ['waits', 'cordon', 'move it'],
    ],
    ['waiting for a word', [plan, { type: 'node.parked', waitsFor: 'drift', clears: 'by-word' }], ['waits', 'cordon', 'drift']],
    [
      'parked where it goes on by itself',
      [plan, { type: 'node.parked', waitsFor: 'away', clears: 'by-itself', unreachable: true }],
      ['parked', 'cordon', 'away'],
    ],
    [
      'paused, with the key that lets it go on',
      [plan, { type: 'node.parked', waitsFor: 'paused by anna: drover resume r', clears: 'by-word', control: '1-1' }],
      ['paused', 'cordon', 'paused by anna; p lets it go on'],
    ],
    [
      'failed, with what was not as wished',
      [
        plan,
        begun,
        { type: 'step.failed', step: 'cordon', unmet: ['no'], error: { name: 'E', message: 'm', transient: false } },
        { type: 'node.finished', outcome: 'failed' },
      ],
      ['failed', 'cordon', 'no'],
    ],
    [
      'cancelled, by whom',
      [plan, { type: 'node.finished', outcome: 'cancelled', by: 'anna', why: 'it runs on' }],
      ['cancelled', 'cordon', 'by anna: it runs on'],
    ],
  ] as const)('is %s', (_words, events, expected) => expect(after(...events)).toEqual(expected));

  test('tells how long a step may take: its own bound, else that of its kind', () => {
    const at = (...events: Parameters<typeof further>[2][]): number | undefined =>
      viewOf(further(fresh, 'runner-01', plan, ...events), 'runner-01')?.withinMs;
    expect(at(begun)).toBe(90_000);
    expect(at({ type: 'step.skipped', step: 'cordon', state: null }, { ...begun, step: 'reboot' })).toBe(15 * 60_000);
  });

  test('shows nothing that a node could send to the terminal', () => {
    const [, , why] = after(plan, { ...begun, unmet: ['\u001b[31mred\u001b[0m \u202Egnp.exe', 'two\nlines'] });
    expect(why).toBe('red gnp.exe; two lines');
  });
});

describe('the estimate', () => {
  test('says nothing before a node is done, when nothing goes on, and on the way back', () => {
    expect(leftMs(fresh)).toBeUndefined();
    expect(leftMs(modelAtEnd())).toBeUndefined();
    expect(leftMs(further(asked, '@run', { type: 'run.halted', why: 'x' }))).toBeUndefined();
  });
  test('takes the mean of the nodes that are done, as many at once as the run lets', () => {
    // three at work for a while, four to come, three at once
    const mean = asked.durations.totalMs / asked.durations.count;
    const rests = asked.nodes.filter(({ standing }) => standing === 'waits').map(({ run }) => mean - (asked.now - (run.startedAt ?? 0)));
    expect(leftMs(asked)).toBeCloseTo((rests.reduce((sum, rest) => sum + rest, 0) + 4 * mean) / 3);
  });
});

test('says in sentences what changed', () => {
  const event = told.find(({ event: one }) => one.type === 'step.asked');
  expect(event && sentence(asked, event)).toBe(
    'runner-01, reboot: asks a person: move the VM of runner-01 to the cluster and network of 127.77.1.11/24 and restart it there.',
  );
  const end = told.find(({ event: one }) => one.type === 'run.finished');
  expect(end && sentence(failed, end)).toMatch(/^the run: failed/);
});

test('learns what is told besides events, and keeps it apart by node', () => {
  const one = learn(asked, { is: 'way-back', nodes: { a: { kind: 'none', why: 'x' } } });
  expect(Object.keys(learn(one, { is: 'way-back', nodes: { b: { kind: 'none', why: 'y' } } }).wayBack)).toEqual(['a', 'b']);
  expect(learn(asked, { is: 'now', at: asked.now })).toBe(asked);
});
