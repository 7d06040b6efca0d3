import { describe, expect, test } from 'vitest';
import { paramErrors } from '../../../src/cli/params.ts';
import { type Check, type Form, formFrame, pressForm, startForm } from '../../../src/tui/form.ts';
import { graphemes } from '../../../src/tui/graphemes.ts';
import type { Frame } from '../../../src/tui/view/frame.ts';
import { cells } from '../../../src/tui/view/text.ts';
import { z } from 'zod';
import { runbook } from '../../../src/core/runbook.ts';

const migrate = runbook({
  name: 'migrate',
  summary: 'Moves nodes to another subnet.',
  version: 1,
  params: z.object({
    connection: z.string().min(1).default('ens192').describe('NetworkManager connection to change'),
    gateway: z.ipv4().describe('gateway of the service subnet'),
    move: z.enum(['none', 'person']).default('person').describe('who moves the VM'),
    tries: z.number().int().max(9).optional().describe('how often it is tried'),
  }),
  vars: z.object({}),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: () => [],
});
const check: Check = (values) => paramErrors(migrate, values);
const fields: Form['fields'] = [
  {
    name: 'connection',
    type: 'text',
    choices: [],
    description: 'NetworkManager connection to change',
    fallback: 'ens192',
    required: false,
    example: 'VALUE',
  },
  { name: 'gateway', type: 'text', choices: [], description: 'gateway of the service subnet', required: true, example: '10.0.0.1' },
  {
    name: 'move',
    type: 'text',
    choices: ['none', 'person'],
    description: 'who moves the VM',
    fallback: 'person',
    required: false,
    example: 'none',
  },
  { name: 'tries', type: 'whole number', choices: [], description: 'how often it is tried', required: false, example: '1' },
];
const start = startForm({ title: 'migrate', about: 'Moves nodes to another subnet.', fields, values: {} }, check);

/** What comes of keys; `text:` types a text. */
const after = (form: Form, ...keys: string[]) =>
  keys
    .flatMap((key) => (key.startsWith('text:') ? graphemes(key.slice(5)).map((text) => ({ name: text, text })) : [{ name: key }]))
    .reduce<ReturnType<typeof pressForm>>((so, key) => (so.end === undefined ? pressForm(so.form, key, check) : so), { form });
const text = ({ lines }: Frame): string =>
  lines
    .map((line) =>
      line
        .map((one) => one.text)
        .join('')
        .trimEnd(),
    )
    .join('\n');

describe('a form', () => {
  test('begins at the first field that is missing, and says nothing of errors before anybody has typed', () => {
    expect(text(formFrame(start, { columns: 80, rows: 12 }, {}))).toMatchInlineSnapshot(`
      "migrate                                                       1 missing or wrong
      Moves nodes to another subnet.

        connection  ens192                            text
      ▸ gateway                                       text, required
        move        person                            none | person
        tries                                         whole number, may be left out

      ────────────────────────────────────────────────────────────────────────────────
       gateway of the service subnet
       for example 10.0.0.1
      enter next that is missing or wrong  ↑↓ field  esc leaves; nothing is touched"
    `);
  });

  test('says what is wrong as one types, in the words of the schema', () => {
    const { form } = after(start, 'text:10.77.1.');
    expect(form.errors['gateway']).toMatch(/IPv4/);
    expect(text(formFrame(form, { columns: 80, rows: 12 }, {}))).toContain(`× ${form.errors['gateway']}`);
    expect(after(form, 'text:1').form.errors).toEqual({});
  });

  test('goes to what is missing instead of ending, and ends when all is there', () => {
    const early = after(start, 'up', 'enter');
    expect(early).toMatchObject({ form: { at: 1, tried: true } });
    expect(early.end).toBeUndefined();
    expect(after(start, 'text:10.77.1.1', 'enter')).toMatchObject({ end: 'done', form: { values: { gateway: '10.77.1.1' } } });
  });

  test('takes a number only where one is meant', () => {
    const at = after(start, 'text:10.0.0.1', 'down', 'down').form;
    expect(after(at, 'text:ten').form.errors).toHaveProperty('tries');
    expect(after(at, 'text:12').form.errors).toHaveProperty('tries');
    expect(after(at, 'text:3').form.errors).toEqual({});
  });

  test('turns choices, takes back what was typed, and is left without a word', () => {
    const move = after(start, 'down').form;
    expect(after(move, 'right').form.values).toEqual({ move: 'none' });
    expect(after(move, 'right', 'left').form.values).toEqual({ move: 'person' });
    expect(after(start, 'text:10.', 'backspace', 'backspace', 'backspace').form.values).toEqual({});
    expect(after(start, 'text:10.0.0.1', 'ctrl+u', 'escape')).toMatchObject({ end: 'left', form: { values: {} } });
  });

  test.each([
    { columns: 40, rows: 10 },
    { columns: 80, rows: 24 },
    { columns: 200, rows: 60 },
  ])('fits $columns by $rows', (size) => {
    const { form } = after(start, `text:${'漢字'.repeat(30)}`);
    const { lines, cursor } = formFrame(form, size, {});
    expect(lines).toHaveLength(size.rows);
    expect(Math.max(...lines.map((line) => line.reduce((sum, one) => sum + cells(one.text), 0)))).toBeLessThanOrEqual(size.columns);
    expect(cursor?.column).toBeLessThan(size.columns);
    expect(cursor?.row).toBeLessThan(size.rows);
  });
});
