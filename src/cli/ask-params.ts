import { UsageError } from '../core/error.ts';
import type { Runbook } from '../core/runbook.ts';
import type { FormField } from '../tui/form.ts';
import type { Cli } from './context.ts';
import type { OutputFlags, YesFlag } from './flags.ts';
import { type Field, fieldsOf, paramErrors } from './params.ts';
import { hasScreen, lookOf } from './has-screen.ts';

const words: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', number: 'number', array: 'list: a,b' };

const asText = (value: Field['fallback']): string | undefined =>
  value === undefined || typeof value === 'string' ? value : Array.isArray(value) ? value.map(String).join(',') : JSON.stringify(value);

const formField = ({ name, type, choices, description, fallback, required, example }: Field): FormField => {
  const holds = asText(fallback);
  return {
    name,
    type: words[type ?? ''] ?? 'text or JSON',
    choices,
    description: description ?? '',
    required,
    example,
    ...(holds !== undefined && { fallback: holds }),
  };
};

/**
 * Asks for what a runbook needs and nobody said, in a form, where somebody is there to ask.
 *
 * @returns the settings, `name=value` each, as `--set` takes them
 * @throws UsageError when the form was left
 */
export const askForParams = async (
  cli: Cli,
  runbook: Runbook,
  sets: readonly string[],
  flags: OutputFlags & YesFlag,
): Promise<readonly string[]> => {
  if (flags.yes === true || !hasScreen(cli, flags) || cli.terminal === null) return sets;
  const fields = fieldsOf(runbook.params);
  const given = Object.fromEntries(sets.map((set) => [set.slice(0, set.indexOf('=')), set.slice(set.indexOf('=') + 1)]));
  const missing = fields.some(({ name, required }) => required && given[name] === undefined);
  // what is wrong with what was said has its own words, and is said again more quickly on the command line
  if (!missing || Object.entries(paramErrors(runbook, given)).some(([name]) => given[name] !== undefined)) return sets;
  const [{ askOnScreen }, { formFrame, pressForm, startForm }] = await Promise.all([
    import('../tui/app/dialog.ts'),
    import('../tui/form.ts'),
  ]);
  const check = (values: Readonly<Record<string, string>>) => paramErrors(runbook, values);
  const { look, colour } = lookOf(cli);
  const values = await askOnScreen(
    {
      start: startForm({ title: runbook.name, about: runbook.summary, fields: fields.map(formField), values: given }, check),
      press: (form, key) => {
        const { form: next, end } = pressForm(form, key, check);
        return end === undefined ? { state: next } : { state: next, answer: end === 'done' ? next.values : null };
      },
      frame: (form, size) => formFrame(form, size, look),
    },
    cli.terminal,
    colour,
    cli.interrupted(),
  );
  if (!values) throw new UsageError('the form was left; nothing was touched');
  return Object.entries(values).map(([name, text]) => `${name}=${text}`);
};
