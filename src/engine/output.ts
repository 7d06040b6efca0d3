import type { Session } from './session.ts';

/** How soon a line is in the journal, so that others see what runs, and little is lost with a worker that dies. */
const FLUSH_MS = 500;

/** Takes the lines of one command to the journal's output stream while they come. */
export type Output = {
  line(text: string): void;
  /** Writes what is left, or drops it where somebody else shows it; fails when a line could not be written. */
  close(drop: boolean): Promise<void>;
};

/** Opens a step's output. `shown` lines are passed over, each as often as it stands there. */
export const openOutput = (session: Session, step: string, shown: readonly string[] = []): Output => {
  const { assignment, world } = session;
  const over = new AbortController();
  const known = new Map<string, number>();
  for (const line of shown) known.set(line, (known.get(line) ?? 0) + 1);
  let lines: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  const flush = (): void => {
    const batch = lines;
    lines = [];
    if (batch.length > 0) writing = writing.then(() => world.journal.output(assignment.runId, assignment.node.name, step, batch));
    // whoever closes hears of it
    writing.catch(() => undefined);
  };
  return {
    line: (text) => {
      const left = known.get(text) ?? 0;
      known.set(text, left - 1);
      if (left > 0) return;
      lines.push(text);
      if (lines.length === 1) void world.clock.sleep(FLUSH_MS, over.signal).then(() => over.signal.aborted || flush());
    },
    close: async (drop) => {
      over.abort('the command has ended');
      if (!drop) flush();
      await writing;
    },
  };
};

/** The lines that the journal has of a step since it last acted. */
export const shownSince = async ({ assignment, world }: Session, step: string, since: number): Promise<readonly string[]> => {
  const all = await world.journal.readOutput(assignment.runId, assignment.node.name);
  return all.filter((line) => line.step === step && line.at >= since).map(({ line }) => line);
};
