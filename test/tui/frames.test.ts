import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startUi, frame } from '../../src/tui/ui.ts';
import { cells } from '../../src/tui/view/text.ts';
import { fileFor, framesFor } from './frames.ts';
import { crowd, scenes, sizes } from './scenes.ts';

// what a terminal acts on, or what stands for a value that is not there
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const wrong = /[\u0000-\u001f\u007f-\u009f]|undefined|NaN|\[object/;

describe.each(sizes)('frames of $columns x $rows', (size) => {
  test('are those that a person has looked at (npm run frames draws them anew)', () => {
    expect(framesFor(size)).toBe(readFileSync(fileFor(size), 'utf8'));
  });

  test('have exactly as many lines as the terminal, none wider than it', () => {
    const bad = scenes.flatMap(({ name, draw }) => {
      const { lines, cursor } = draw(size);
      const widths = lines.map((line) => cells(line.map(({ text }) => text).join('')));
      const inside = cursor === undefined || (cursor.row < size.rows && cursor.column < size.columns);
      return lines.length === size.rows && Math.max(...widths) <= size.columns && inside
        ? []
        : [`${name}: ${lines.length}, ${Math.max(...widths)}`];
    });
    expect(bad).toEqual([]);
  });

  test('have nothing in them that a terminal acts on, or that nobody can read', () => {
    const bad = scenes.flatMap(({ name, draw }) =>
      draw(size).lines.flatMap((line) => line.flatMap(({ text }) => (wrong.test(text) ? [`${name}: ${JSON.stringify(text)}`] : []))),
    );
    expect(bad).toEqual([]);
  });

  test('say without colour what is under the cursor', () => {
    const bare = scenes.filter(({ draw }) => {
      const chosen = draw(size).lines.filter((line) => line.some(({ tone }) => tone === 'selected'));
      return chosen.some((line) => line[0]?.tone === 'selected' && line[0].text.startsWith('  '));
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});

test('fits every terminal, however small', () => {
  for (const columns of [20, 33, 59, 60, 79, 99, 100, 161]) {
    for (const rows of [5, 8, 12, 13, 19, 20, 29]) {
      for (const { name, draw } of scenes) {
        const { lines } = draw({ columns, rows });
        const widest = Math.max(...lines.map((line) => cells(line.map(({ text }) => text).join(''))));
        expect({ name, columns, rows, lines: lines.length, fits: widest <= columns }).toEqual({
          name,
          columns,
          rows,
          lines: rows,
          fits: true,
        });
      }
    }
  }
});

test('makes only the rows that are in sight, and the order of ten thousand nodes only when one of them has changed', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `node-${index}`);
  const model = crowd(names, (place) => place % 20);
  const ui = { ...startUi, fleet: { ...startUi.fleet, folds: 'none' as const } };
  const size = { columns: 120, rows: 40 };
  frame(ui, model, size, {});
  const before = process.cpuUsage();
  for (let tick = 1; tick <= 50; tick += 1) frame(ui, { ...model, now: model.now + tick * 1000 }, size, {});
  const { user, system } = process.cpuUsage(before);
  // 2 ms each on a machine that is busy with other things; to make all rows takes a hundred
  expect((user + system) / 1000 / 50).toBeLessThan(20);
});
