import { normalise, putFile, textFile } from '../node/files.ts';
import type { Call, Program, Running } from '../programs/program.ts';
import { setSysctl } from '../node/sysctl.ts';
import { look, readText } from '../node/view.ts';
import { expandOne, expandWord } from './expand.ts';
import { type Frame, child } from './frame.ts';
import { parseScript } from './parse.ts';
import { type AndOr, type Command, type Pipeline, type Redirect, type Script, UnknownSyntax } from './syntax.ts';

/** Streams of one command, and what has to be written to files once it has ended. */
type Streams = { readonly frame: Frame; readonly files: { readonly path: string; text: string }[] };

const PROC_SYS = '/proc/sys/';

const notFound = (frame: Frame, name: string): string =>
  frame.machine.distro !== 'debian12' ? `sh: line 1: ${name}: command not found\n` : `sh: 1: ${name}: not found\n`;

/** Points the streams of a command where its redirects say; undefined and a message when one cannot be. */
function* redirected(redirects: readonly Redirect[], frame: Frame): Generator<number, Streams | undefined, void> {
  let { out, err, stdin } = frame;
  const files: Streams['files'] = [];
  for (const { fd, op, target } of redirects) {
    const name = yield* expandOne(target, frame, runScript);
    const set = (sink: Frame['out']): unknown => (fd === 2 ? (err = sink) : (out = sink));
    const path = normalise(name);
    if (op === '<') {
      const read = path === '/dev/null' ? { text: '' } : readText(frame.machine, path, frame.user, frame.now());
      if ('error' in read) {
        frame.err(`sh: 1: cannot open ${name}: ${read.error}\n`);
        return undefined;
      }
      stdin = { text: read.text };
    } else if (op === '&') set(name === '2' ? err : out);
    else if (path === '/dev/null') set(() => undefined);
    else if (path === '/dev/stderr') set(frame.err);
    else {
      const { entry, path: real } = look(frame.machine, path, frame.now());
      const denied = frame.user !== 'root' && (entry ? entry.owner !== frame.user : !path.startsWith('/tmp/'));
      const absent = path.startsWith(PROC_SYS) && !entry;
      if (denied || absent || entry?.kind === 'directory') {
        const why = denied ? 'Permission denied' : absent ? 'Directory nonexistent' : 'Is a directory';
        frame.err(`sh: 1: cannot create ${name}: ${why}\n`);
        return undefined;
      }
      const file = { path: real, text: op === '>>' && entry?.kind === 'file' ? entry.content : '' };
      files.push(file);
      set((text) => (file.text += text));
    }
  }
  return { frame: { ...frame, out, err, stdin }, files };
}

/** Puts redirected output into its files; false when there is no space. */
const flush = ({ frame, files }: Streams): boolean =>
  files.every(({ path, text }) => {
    const { entry } = look(frame.machine, path, frame.now());
    const rights =
      entry?.kind === 'file'
        ? { mode: entry.mode, owner: entry.owner, group: entry.group }
        : { mode: 0o644, owner: frame.user, group: frame.user };
    const problem = path.startsWith(PROC_SYS)
      ? setSysctl(frame.machine, path.slice(PROC_SYS.length), text)
      : putFile(frame.machine.files, path, { ...textFile(text), ...rights });
    if (problem !== undefined) frame.err(`sh: write error: ${problem}\n`);
    return problem === undefined;
  });

function* simple(command: Extract<Command, { kind: 'simple' }>, frame: Frame): Running {
  const args: string[] = [];
  for (const word of command.words) args.push(...(yield* expandWord(word, frame, runScript)));
  const [name, ...rest] = args;
  const variables = name === undefined ? frame.variables : new Map(frame.variables);
  for (const { name: key, value } of command.assignments) variables.set(key, yield* expandOne(value, frame, runScript));
  const streams = yield* redirected(command.redirects, frame);
  if (!streams) return 2;
  const status =
    name === undefined ? 0 : yield* program(name, rest, streams.frame, command.assignments.length > 0 ? variables : frame.variables, frame);
  return flush(streams) ? status : 2;
}

function* program(name: string, args: readonly string[], streams: Frame, variables: Map<string, string>, shell: Frame): Running {
  if (name === 'exit') {
    shell.exited = true;
    return args[0] === undefined ? shell.status : Number(args[0]);
  }
  const found: Program | undefined = shell.programs(name.replace(/^(\/usr)?\/s?bin\//, ''), variables);
  if (!found) {
    streams.err(notFound(shell, name));
    return 127;
  }
  const slow = shell.machine.faults.slowMs ?? 0;
  if (slow > 0) yield slow;
  const { machine, user, stdin, out, err } = streams;
  const take = (): string => {
    const { text } = stdin;
    stdin.text = '';
    return text;
  };
  const run: Call['run'] = (text, change = {}) =>
    runText(text, {
      ...streams,
      variables: new Map(change.variables ?? variables),
      stdin: change.stdin === undefined ? stdin : { text: change.stdin },
      user: change.user ?? user,
      out: change.out ?? out,
      err: change.err ?? err,
      now: change.now ?? (() => shell.now()),
      status: 0,
      exited: false,
    });
  const result = found({ machine, user, args, variables, stdin: take, out, err, now: () => shell.now(), run });
  return typeof result === 'number' ? result : yield* result;
}

/** Runs one program of a machine by its name and arguments, as a command of this shell process. */
export const runNamed = (name: string, args: readonly string[], frame: Frame): Running =>
  program(name, args, frame, frame.variables, frame);

function* stage(command: Command, frame: Frame): Running {
  if (command.kind === 'simple') return yield* simple(command, frame);
  const streams = yield* redirected(command.redirects, frame);
  if (!streams) return 2;
  const inner = command.kind === 'subshell' ? child(streams.frame) : streams.frame;
  const status = yield* runScript(command.body, inner);
  if (command.kind === 'group') frame.exited = inner.exited;
  return flush(streams) ? status : 2;
}

function* pipeline({ negated, commands }: Pipeline, frame: Frame): Running {
  let status = 0;
  let { stdin } = frame;
  const alone = commands.length === 1;
  for (const [index, command] of commands.entries()) {
    let text = '';
    const last = index === commands.length - 1;
    status = yield* stage(command, alone ? frame : child(frame, { stdin, ...(!last && { out: (more: string) => (text += more) }) }));
    stdin = { text };
  }
  return negated ? (status === 0 ? 1 : 0) : status;
}

function* andOr({ first, rest }: AndOr, frame: Frame): Running {
  frame.status = yield* pipeline(first, frame);
  for (const { op, pipeline: next } of rest) {
    if (frame.exited) break;
    if ((op === '&&') === (frame.status === 0)) frame.status = yield* pipeline(next, frame);
  }
  return frame.status;
}

/** Runs a parsed script in a shell process; the exit code is that of the last command. */
export function* runScript(script: Script, frame: Frame): Running {
  for (const one of script) {
    frame.status = yield* andOr(one, frame);
    if (frame.exited) break;
  }
  return frame.status;
}

/** Runs the text of a script; what the small shell has not ends with exit code 2 and says so. */
export function* runText(text: string, frame: Frame): Running {
  try {
    return yield* runScript(parseScript(text), frame);
  } catch (error) {
    if (!(error instanceof UnknownSyntax)) throw error;
    frame.err(`${error.message}\n`);
    return 2;
  }
}
