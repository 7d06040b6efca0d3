import { count } from '../core/count.ts';
import type { RunSpec } from '../core/event.ts';
import { UsageError } from '../core/error.ts';
import type { Node } from '../core/node.ts';
import type { Runbook } from '../core/runbook.ts';
import { agreedOnScreen } from './agreed-on-screen.ts';
import { attach } from './attach.ts';
import type { Cli } from './context.ts';
import { createRun } from './create-run.ts';
import type { Drover } from './drover.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import type { OutputFlags, YesFlag } from './flags.ts';
import { beginning } from './follow.ts';
import { hasScreen } from './has-screen.ts';
import { confirmed, person } from './person.ts';
import { type Preflight, preflight, withFindings } from './preflight.ts';
import { showPlan } from './show-plan.ts';
import { othersWork } from './workers-now.ts';

/** How a run is started: told as it goes, with or without a question, here or by the workers. */
export type StartFlags = OutputFlags & YesFlag & { readonly detach?: boolean };

/** A run that somebody wants, laid out and checked, but not begun. */
export type Wanted = {
  readonly runbook: Runbook;
  readonly spec: RunSpec;
  /** The rest of the inventory: what is known of those nodes must not be taken from them. */
  readonly others?: readonly Node[];
  /** What is asked before it begins. */
  readonly question: string;
  /** What else speaks against beginning, from a look at all nodes: a line each. */
  against?(found: Preflight): readonly string[];
  /** What people see before they are asked, and with --yes as well; without it, the plan, when they are asked. */
  show?(found: Preflight): readonly string[];
};

/** `Run hello on 3 nodes (a, b, c)?` */
export const questionFor = (verb: string, { nodes }: RunSpec, runbook: Runbook, all: boolean): string => {
  const which = `${all ? 'ALL ' : ''}${count(nodes.length, 'node')}`;
  return `${verb} ${runbook.name} on ${which} (${nodes.map((node) => node.name).join(', ')})?`;
};

/** How many nodes are named that a run might begin without. */
const NAMED = 5;

/** Says why a run does not begin. */
const refuse = (cli: Cli, spec: RunSpec, found: Preflight, against: readonly string[]): ExitCode => {
  for (const line of [...against, ...found.refusals]) cli.stderr.write(`drover: ${line}\n`);
  if (against.length > 0) {
    cli.stderr.write('drover: nothing was touched\n');
    return exitCodes.usage;
  }
  const bad = found.nodes.filter(({ refusals }) => refusals.length > 0).map(({ node }) => node);
  const more = bad.length > NAMED ? ` … (${bad.length} of ${spec.nodes.length} nodes)` : '';
  const flags = bad.slice(0, NAMED).map((node) => `--exclude ${node}`);
  const others = spec.nodes.length > bad.length && bad.length > 0 ? `, or begin without: ${flags.join(' ')}${more}` : '';
  cli.stderr.write(`drover: preflight refused, nothing was touched; drover plan shows all of it. Mend it${others}\n`);
  return exitCodes.usage;
};

/** Looks at all nodes, shows what would be done, asks, begins the run, and stays with it. */
export const startRun = async (cli: Cli, drover: Drover, wanted: Wanted, flags: StartFlags): Promise<ExitCode> => {
  const { runbook, spec } = wanted;
  if (flags.detach === true && !(await othersWork(drover))) {
    throw new UsageError('--detach leaves the run to workers, and there is none: start one with drover worker, or leave --detach out');
  }
  const found = await preflight(drover, runbook, spec, cli.interrupted(), wanted.others);
  const shown = flags.json === true ? cli.stderr : cli.stdout;
  const against = wanted.against?.(found) ?? [];
  if (against.length + found.refusals.length > 0) return refuse(cli, spec, found, against);
  const asks = flags.yes !== true;
  const screen = asks && wanted.show === undefined && hasScreen(cli, flags);
  const lines = screen ? [] : (wanted.show?.(found) ?? (asks ? showPlan(found, spec) : found.warnings.map((line) => `! ${line}`)));
  for (const line of lines) shown.write(`${line}\n`);
  for (const line of found.findings) cli.stderr.write(`drover: ${line}\n`);
  const agreed = screen ? await agreedOnScreen(cli, withFindings(found), spec) : await confirmed(cli, wanted.question, flags.yes);
  if (!agreed) return exitCodes.usage;
  const runId = await createRun(drover, spec, person(cli));
  if (flags.detach !== true) return attach(cli, drover, runId, spec, flags, beginning);
  cli.stdout.write(
    flags.json === true ? `${JSON.stringify({ run: runId })}\n` : `run ${runId}: the workers have it; drover watch ${runId}\n`,
  );
  return exitCodes.done;
};
