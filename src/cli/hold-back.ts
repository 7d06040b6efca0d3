const MOST_LINES = 500;

/**
 * Keeps lines off a terminal that somebody has for himself.
 *
 * What goes to standard error is kept by the stream itself, so that also what Node or a library has to say does not stand amid the screen; what does
 * not go to a terminal is written at once.
 */
export const holdBack = (
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): { write(text: string): void; hold(heard: (line: string) => void): () => void } => {
  let kept: (() => void)[] | undefined;
  let tell: (line: string) => void = () => undefined;
  const keep = (text: string, write: () => void): void => {
    kept = [...(kept ?? []), write].slice(-MOST_LINES);
    const line = text.trim();
    if (line !== '') tell(line);
  };
  return {
    write: (text) => {
      if (kept === undefined || !stdout.isTTY) stdout.write(text);
      else keep(text, () => stdout.write(text));
    },
    hold: (heard) => {
      kept = [];
      tell = heard;
      const own = stderr.write;
      const write = own.bind(stderr);
      if (stderr.isTTY) {
        stderr.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
          const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
          keep(text, () => write(text));
          const written = rest.at(-1);
          if (typeof written === 'function') process.nextTick(written);
          return true;
        };
      }
      const release = (): void => {
        process.off('exit', release);
        stderr.write = own;
        const late = kept ?? [];
        kept = undefined;
        tell = () => undefined;
        for (const one of late) one();
      };
      // what was said before a sudden end is what somebody has to read
      process.on('exit', release);
      return release;
    },
  };
};
