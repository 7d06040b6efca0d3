import { RUN_STREAM } from '../../core/node.ts';
import { fold } from '../../core/reduce.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { historyLines } from '../history.ts';
import { knownHostsOffer } from '../known-hosts-offer.ts';
import { ndjsonLine } from '../ndjson.ts';
import { findRun } from '../say.ts';
import { othersWork } from '../workers-now.ts';
import { paintFor } from '../../words/text.ts';

/** The flags of `drover show`. */
export type ShowFlags = JsonFlag;

/** Prints what happened in a run, node by node, and what is to be done now. */
export async function show(this: Cli, flags: ShowFlags, run: string): Promise<void> {
  await using drover = await openDrover(this, 'show');
  const { journal } = drover.station;
  const { runId, spec } = await findRun(drover, run);
  const names = [RUN_STREAM, ...spec.nodes.map(({ name }) => name)];
  const streams = await Promise.all(names.map(async (stream) => ({ stream, events: await journal.read(runId, stream) })));
  if (flags.json === true) {
    for (const { stream, events } of streams) for (const event of events) this.stdout.write(`${ndjsonLine(runId, stream, event)}\n`);
    return;
  }
  const now = drover.station.clock.now();
  for (const line of historyLines(runId, spec, streams, { now, paint: paintFor(this.stdout, this.env) })) this.stdout.write(`${line}\n`);
  const nodes = Object.fromEntries(streams.map(({ stream, events }) => [stream, fold(events)]));
  if (nodes[RUN_STREAM]?.runOutcome === undefined && !(await othersWork(drover, runId)))
    this.stdout.write(`nobody works on this run now, nodes stay as they are: drover resume ${runId} goes on\n`);
  for (const line of await knownHostsOffer(this, runId, spec, nodes)) this.stdout.write(`${line}\n`);
}
