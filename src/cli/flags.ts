/** Which inventory. */
export type FleetFlags = { readonly fleet?: string };
/** Which of its nodes, besides names. */
export type SelectFlags = { readonly selector?: readonly string[]; readonly exclude?: readonly string[] };
/** How to print. */
export type OutputFlags = { readonly plain?: boolean; readonly json?: boolean; readonly screenReader?: boolean };
/** For scripts that read one document. */
export type JsonFlag = { readonly json?: boolean };
/** Values for a runbook. */
export type SetFlags = { readonly set?: readonly string[] };
/** Answers what would be asked. */
export type YesFlag = { readonly yes?: boolean };

const text = String;
const off = { kind: 'boolean', optional: true, withNegated: false } as const;

/** `--fleet`, as stricli takes it. */
export const fleetFlag = {
  fleet: {
    kind: 'parsed',
    parse: text,
    optional: true,
    placeholder: 'FILE',
    brief: 'The inventory (DROVER_FLEET, else the nearest fleet.yaml from here upward)',
  },
} as const;
/** `--selector` and `--exclude`. */
export const selectFlags = {
  selector: {
    kind: 'parsed',
    parse: text,
    optional: true,
    variadic: true,
    placeholder: 'k=v',
    brief: 'Nodes by label: k=v, k!=v, k or !k, commas or repeats mean "and"',
  },
  exclude: {
    kind: 'parsed',
    parse: text,
    optional: true,
    variadic: true,
    placeholder: 'NODE',
    brief: 'Leaves a node out; may be repeated',
  },
} as const;
/** `-l`. */
export const selectAliases = { l: 'selector' } as const;
/** `--json`. */
export const jsonFlag = { json: { ...off, brief: 'Prints JSON for programs' } } as const;
/** `--plain` and `--json`. */
export const outputFlags = {
  plain: { ...off, brief: 'Prints plain lines, one an event, also on a terminal' },
  json: { ...off, brief: 'Prints one JSON object a line, the last one is run.finished, or run.halted when it waits' },
  screenReader: { ...off, brief: 'Prints sentences, for a program that reads them aloud (INK_SCREEN_READER=true)' },
} as const;
/** `--set`. */
export const setFlag = {
  set: {
    kind: 'parsed',
    parse: text,
    optional: true,
    variadic: true,
    placeholder: 'k=v',
    brief: 'A parameter of the runbook; lists as a,b or as JSON',
  },
} as const;
/** `--yes`. */
export const yesFlag = { yes: { ...off, brief: 'Answers yes to what would be asked' } } as const;

const refuse = (message: string): never => {
  throw new SyntaxError(message);
};

/** Reads a whole number from `least` on. */
export const wholeNumber =
  (least: number) =>
  (input: string): number =>
    /^\d+$/.test(input) && Number(input) >= least ? Number(input) : refuse(`a whole number of at least ${least} is meant`);

/** Reads a TCP port. */
export const port = (input: string): number =>
  /^\d+$/.test(input) && Number(input) >= 1 && Number(input) <= 65535 ? Number(input) : refuse('a port from 1 to 65535 is meant');
