import { describe, expect, test } from 'vitest';
import { groupsOf } from '../../src/tui/groups.ts';
import { tellAll } from '../../src/tui/model.ts';
import { rowsOf } from '../../src/tui/rows.ts';
import { startUi } from '../../src/tui/ui.ts';
import { crowd } from './scenes.ts';
import { told } from './story.ts';

const names = Array.from({ length: 60 }, (_, index) => `n-${index}`);
const begun = crowd(names, (place) => place % 17);
const steps = told.filter(({ stream }) => stream === 'runner-02').map(({ event }) => event);
/** The run while it goes on: some nodes are told something at a time. */
const stages = Array.from({ length: 40 }).reduce<readonly (typeof begun)[]>(
  (all, _, turn) => [
    ...all,
    tellAll(
      all.at(-1) ?? begun,
      Array.from({ length: 1 + (turn % 5) }, (_one, index) => (turn * 7 + index * 13) % names.length).flatMap((place) => {
        const event = steps[((place % 17) + turn) % steps.length];
        return event ? [{ stream: `n-${place}`, event }] : [];
      }),
    ),
  ],
  [begun],
);

describe('the groups of nodes that stand alike', () => {
  test.each(['', 'reboot', '!reboot'])(
    'are the same when they are made from those before as when they are made anew: filter "%s"',
    (filter) => {
      const grouped = (nodes: typeof begun.nodes): unknown =>
        Object.fromEntries([...groupsOf(nodes, filter)].map(([alike, group]) => [alike, group.map(({ name }) => name)]));
      for (const { nodes } of stages) {
        const known = grouped(nodes);
        // another filter in between, so that nothing is known
        groupsOf(nodes, 'nothing like it');
        const anew = grouped(nodes);
        expect(known).toEqual(anew);
        expect(groupsOf(nodes, '')).not.toBe(undefined);
        groupsOf(nodes, filter);
      }
    },
  );

  test('stay what they were where nothing was told', () => {
    const [first, second] = stages;
    if (!first || !second) throw new Error('there are no stages');
    const before = groupsOf(first.nodes, '');
    const changed = second.nodes.filter((node, place) => node !== first.nodes[place]);
    const after = groupsOf(second.nodes, '');
    const touched = new Set(changed.flatMap(({ alike, place }) => [alike, first.nodes[place]?.alike]));
    expect(changed).toHaveLength(1);
    for (const [alike, group] of after) expect(group === before.get(alike)).toBe(!touched.has(alike));
  });
});

test('rows come in the order of the run within what stands alike, and by name and time where that is asked for', () => {
  for (const model of stages) {
    const rows = rowsOf(model, { ...startUi.fleet, folds: 'none' });
    const places = rows.all
      .slice(rows.pinned)
      .filter(({ first }) => first.standing === 'running')
      .map(({ first }) => first.place);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const named = rowsOf(model, { ...startUi.fleet, folds: 'none', sort: 'name' });
    const shown = named.all.slice(named.pinned).map(({ first }) => first.place);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(named.all).toHaveLength(names.length);
  }
});
