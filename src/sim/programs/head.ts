import { type Program, options } from './program.ts';

const some =
  (keep: (lines: readonly string[], count: number) => readonly string[]): Program =>
  (call) => {
    const { flags } = options(call.args, ['-n']);
    const short = [...flags.keys()].flatMap((flag) => /^-(\d+)$/.exec(flag)?.[1] ?? [])[0];
    const lines = call.stdin().split('\n');
    if (lines.at(-1) === '') lines.pop();
    call.out(
      keep(lines, Number(flags.get('-n')?.[0] ?? short ?? 10))
        .map((line) => `${line}\n`)
        .join(''),
    );
    return 0;
  };

/** head(1) of standard input, with -n. */
export const head = some((lines, count) => lines.slice(0, count));
/** tail(1) of standard input, with -n. */
export const tail = some((lines, count) => (count === 0 ? [] : lines.slice(-count)));
