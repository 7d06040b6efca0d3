import { describe } from '../node/describe.ts';
import { findGuard } from '../node/deadman-files.ts';
import { removePath } from '../node/files.ts';
import { DROVER_HOME, keep, listSnapshots, put, restore } from '../node/snapshots.ts';
import type { Call, Program } from './program.ts';

const runDir = (call: Call): string => call.variables.get('DROVER_RUN_DIR') ?? '';
const say = (call: Call, problem: string, code = 1): number => {
  call.err(`drover: ${problem}\n`);
  return code;
};

/** Why a path cannot be kept or put back, if so. */
const refusedSlot = (call: Call, path: string): string | undefined => {
  if (runDir(call) === '') return 'no run is known here, so nothing can be kept or put back';
  return /^\/.*[^/]$/.test(path) ? undefined : `${path} is not the absolute path of a file`;
};

/** `drover_file PATH`. */
export const droverFile: Program = (call) => {
  call.out(`${describe(call.machine, call.args[0] ?? '')}\n`);
  return 0;
};

/** `drover_snapshot PATH…`. */
export const droverSnapshot: Program = (call) => {
  for (const path of call.args) {
    const problem = refusedSlot(call, path) ?? keep(call.machine, runDir(call), path);
    if (problem !== undefined) return say(call, problem);
  }
  return 0;
};

/** `drover_write PATH MODE OWNER:GROUP`, the content on standard input. */
export const droverWrite: Program = (call) => {
  const [path = '', mode = '0644', rights = 'root:root'] = call.args;
  const [owner = 'root', group = owner] = rights.split(':');
  const problem =
    refusedSlot(call, path) ??
    keep(call.machine, runDir(call), path) ??
    put(call.machine, path, { kind: 'file', content: call.stdin(), mode: parseInt(mode, 8), owner, group });
  return problem === undefined ? 0 : say(call, problem);
};

/** `drover_restore PATH`; 97 when the run keeps no copy. */
export const droverRestore: Program = (call) => {
  const [path = ''] = call.args;
  const refused = refusedSlot(call, path);
  if (refused !== undefined) return say(call, refused, 97);
  const result = restore(call.machine, runDir(call), path);
  if (result === 'missing')
    return say(call, `run ${runDir(call).split('/').at(-1) ?? ''} keeps no copy of ${path}, so it cannot be put back`, 97);
  return result.problem === undefined ? 0 : say(call, result.problem);
};

/** `drover_snapshots [RUN]`. */
export const droverSnapshots: Program = (call) => {
  const [run] = call.args;
  call.out(
    listSnapshots(call.machine, run === undefined ? runDir(call) : `${DROVER_HOME}/${run}`)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return 0;
};

/** `drover_forget RUN`. */
export const droverForget: Program = (call) => {
  const [run = ''] = call.args;
  if (run === '' || run.startsWith('.') || run.includes('/') || /^(armed|fence|intent|running)|^(lock|stopped|unit|unit.new)$/.test(run))
    return say(call, `${run} is not the name of a run`);
  if (findGuard(call.machine)?.run === run) return say(call, `the guard of run ${run} is armed here; it goes when the run ends`);
  removePath(call.machine.files, `${DROVER_HOME}/${run}`);
  return 0;
};
