import { UsageError } from '../core/error.ts';
import { checkSteps } from '../core/check-plan.ts';
import type { Finding } from '../core/finding.ts';
import type { Json } from '../core/json.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Disruption, Step } from '../core/step.ts';
import { type Field, fieldsOf, setsOf, tryParams } from './params.ts';
import { type Variant, variantsOf } from './samples.ts';

/** Params and vars, `name=value` each, that were chosen besides the runbook's own; none is what it takes by itself. */
export type Choice = readonly string[];

/** What was found in a runbook, with the choices that lead there; and which could not be looked at. */
export type Checked = {
  readonly runbook: string;
  readonly findings: readonly (Finding & { readonly when: readonly Choice[] })[];
  readonly unchecked: readonly { readonly why: string; readonly when: readonly Choice[] }[];
  /** How many choices could be laid out whole: what it takes by itself is one, each value of each choice another. */
  readonly checked: number;
};

const words = (chosen: Variant['chosen'], of = ''): Choice =>
  Object.entries(chosen).map(([name, value]) => `${of}${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);

const varsTrouble = (error: unknown): string =>
  `its vars cannot be guessed: ${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)}; give them an example in the schema, .meta({ examples: ['…'] })`;

/** What laying it out for one choice has shown, and why some of it could not be. */
type Laid = { readonly findings: readonly Finding[]; readonly why: readonly string[] };
type LaidFor = Laid & { readonly when: Choice };

/** What it lays out may be refused in words, which is no finding where values were `chosen`: these do not go together. */
const laidOut = (chosen: boolean, steps: () => readonly (Step | Disruption)[]): Laid => {
  try {
    return { findings: checkSteps(steps()), why: [] };
  } catch (error) {
    if (error instanceof UsageError && chosen) return { findings: [], why: [`${error.message}; say other values with --set`] };
    const message = `its steps cannot be laid out: ${error instanceof Error ? error.message : String(error)}`;
    return { findings: [{ rule: 'throws', step: null, message }], why: [] };
  }
};

/** The examples of what may be left out: some choices need it all the same. */
const examplesOf = (fields: readonly Field[]): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    fields.flatMap(({ name, required, shape: { examples } }) => {
      const first = required || !Array.isArray(examples) ? undefined : examples[0];
      return first === undefined ? [] : [[name, first] as const];
    }),
  );

const layOne = (runbook: Runbook, params: Variant, vars: Variant): LaidFor => {
  const when = [...words(params.chosen), ...words(vars.chosen, 'vars.')];
  const fields = fieldsOf(runbook.params);
  const first = tryParams(runbook, params.values);
  const tried = 'wrong' in first ? tryParams(runbook, { ...examplesOf(fields), ...params.values }) : first;
  if ('wrong' in tried) return { when, findings: [], why: [tried.wrong.join('; ')] };
  const read = runbook.params.parse(tried.value);
  let known: unknown;
  try {
    known = runbook.vars.parse(vars.values);
  } catch (error) {
    return { when, findings: [], why: [varsTrouble(error)] };
  }
  // nobody chose what the runbook takes by itself
  const chosen = when.length > 0 || [...fields, ...fieldsOf(runbook.vars)].some(({ required }) => required);
  const node = { name: 'node-1', addresses: ['192.0.2.11'], labels: {}, vars: vars.values };
  const [ofNode, after] = [
    laidOut(chosen, () => runbook.steps({ params: read, vars: known, node })),
    laidOut(chosen, () => runbook.afterRun?.(read) ?? []),
  ];
  return { when, findings: [...ofNode.findings, ...after.findings], why: [...ofNode.why, ...after.why] };
};

/** The same thing said once, with all choices that lead to it; what it does by itself it does whatever is chosen. */
const gathered = <T>(
  said: readonly { readonly what: T; readonly when: Choice }[],
): readonly { readonly what: T; readonly when: readonly Choice[] }[] => {
  const all = new Map<string, { readonly what: T; readonly when: readonly Choice[] }>();
  for (const { what, when } of said) {
    const key = JSON.stringify(what);
    const known = all.get(key)?.when ?? [];
    if (!known.some((one) => one.length === 0)) all.set(key, { what, when: [...known, when] });
  }
  return [...all.values()];
};

/** Lays a runbook out for all choices that its schemas name, and tells what about it will hurt one day. @throws UsageError for a wrong `--set` */
export const checkRunbook = (runbook: Runbook, sets: readonly string[] = []): Checked => {
  const given: Readonly<Record<string, Json>> = setsOf(runbook, sets);
  const [base, ...params] = variantsOf(fieldsOf(runbook.params), given);
  const [own, ...vars] = variantsOf(fieldsOf(runbook.vars));
  if (!base || !own) return { runbook: runbook.name, findings: [], unchecked: [], checked: 0 };
  const laid = [
    layOne(runbook, base, own),
    ...params.map((one) => layOne(runbook, one, own)),
    ...vars.map((one) => layOne(runbook, base, one)),
  ];
  return {
    runbook: runbook.name,
    findings: gathered(laid.flatMap(({ findings, when }) => findings.map((what) => ({ what, when })))).map(({ what, when }) => ({
      ...what,
      when,
    })),
    unchecked: gathered(laid.flatMap(({ why, when }) => why.map((what) => ({ what, when })))).map(({ what, when }) => ({
      why: what,
      when,
    })),
    checked: laid.filter(({ why }) => why.length === 0).length,
  };
};
