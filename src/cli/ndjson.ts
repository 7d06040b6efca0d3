import type { NodeEvent } from '../core/event.ts';

/** One event as a line for programs: `{"run","node","seq","at","type",…}`; `node` is `@run` for what happens once, `at` epoch ms. No line break. */
export const ndjsonLine = (run: string, node: string, event: NodeEvent): string => {
  const { seq, at, type, ...rest } = event;
  return JSON.stringify({ run, node, seq, at, type, ...rest });
};
