/** Writes one timestamped line of what is run or seen; a reader of the suite's output follows the lab by these lines alone. */
export const say = (text: string): void => {
  const now = new Date().toISOString().slice(11, 23);
  for (const line of text.split('\n')) process.stdout.write(`${now}  ${line}\n`);
};

/** Shortens what a program printed to its first lines, for a log line. */
export const brief = (text: string, lines = 4): string => {
  const all = text.trimEnd().split('\n');
  const shown = all.slice(0, lines).map((line) => (line.length > 240 ? `${line.slice(0, 240)}…` : line));
  return [...shown, ...(all.length > lines ? [`… ${all.length - lines} more lines`] : [])].join('\n    ');
};

/** Runs `work`, says how long it took, and returns what it returned. */
export const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  say(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
};
