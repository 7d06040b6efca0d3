import type { Model, News } from '../model.ts';
import type { World } from './world.ts';

/** Who looks closely at one node, until stopped. */
export type Eyes = { stop(): void };

const OUTPUT_MS = 1000;
const LATENCY_MS = 60_000;

/** Fetches what the journal's events do not have of a node: its output as it comes, what the runbook says of its steps, and how far away it is. */
export const watchNode = (
  world: World,
  node: string,
  model: () => Model,
  know: (news: News) => void,
  trying: (what: Promise<unknown>) => void,
): Eyes => {
  const stopped = new AbortController();
  const tellMe = (news: News): void => {
    if (!stopped.signal.aborted) know(news);
  };
  let known = '';
  const output = async (): Promise<void> => {
    const lines = await world.output(node);
    const last = lines.at(-1);
    const mark = `${lines.length}:${last?.at}:${last?.line}`;
    if (mark === known) return;
    known = mark;
    tellMe({ is: 'output', node, lines });
  };
  const latency = async (): Promise<void> => {
    const seen = model();
    const address = seen.nodes[seen.index.get(node) ?? -1]?.run.address;
    const latencyMs = address === undefined ? undefined : await world.latency(node, address);
    if (latencyMs !== undefined) tellMe({ is: 'link', node, latencyMs });
  };
  trying(world.details(node).then((steps) => tellMe({ is: 'detail', node, steps })));
  trying(output());
  trying(latency());
  const timers = [setInterval(() => trying(output()), OUTPUT_MS), setInterval(() => trying(latency()), LATENCY_MS)];
  return {
    stop: () => {
      stopped.abort();
      timers.forEach(clearInterval);
    },
  };
};
