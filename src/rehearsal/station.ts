import { createHash } from 'node:crypto';
import { UsageError } from '../core/error.ts';
import type { NewControl, NodeEvent, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import { memoryJournal } from '../journal/memory.ts';
import { beginRun } from '../queue/begin-run.ts';
import { memoryLeases } from '../queue/memory-leases.ts';
import { memoryOfNodes } from '../queue/memory-nodes.ts';
import { turnOfNode } from '../queue/node-queue.ts';
import { turnOfRun } from '../queue/run-queue.ts';
import { runViews } from '../queue/run-view.ts';
import type { Channels, Station } from '../queue/station.ts';
import { type VirtualTime, virtualClock } from '../sim/virtual-time.ts';
import { virtualJobs } from './jobs.ts';
import type { Written } from './story.ts';

/** The work on one run after another, in virtual time. */
export type Works = {
  /** Begins a run; what was written about the one before it is over. */
  begin(spec: RunSpec): Promise<void>;
  /** Says something to the run. */
  say(record: NewControl): Promise<void>;
  /** All that was written about the run, in order. */
  written(): readonly Written[];
  /** Lets time pass until something is so. @throws what went wrong meanwhile; UsageError when it is not so in time */
  pass(until: () => boolean, withinMs: number): Promise<void>;
};

/** A worker in virtual time: the turns of runs and nodes are those of `drover worker`, over a journal and leases in memory. */
export const startWorks = (
  runbook: Runbook,
  channels: Channels,
  time: VirtualTime,
  asked: (stream: string, event: Extract<NodeEvent, { type: 'step.asked' }>) => void,
): Works => {
  const memory = memoryJournal(() => time.now());
  const signal = new AbortController().signal;
  let [runs, nonces] = [0, 0];
  let written: Written[] = [];
  const failures: unknown[] = [];
  const runId = (): string => `rehearsal-${runs}`;
  const journal: Journal = {
    ...memory,
    append: async (run, stream, at, wanted) => {
      const event = await memory.append(run, stream, at, wanted);
      written.push({ stream, event });
      if (event.type === 'step.asked') asked(stream, event);
      return event;
    },
  };
  const station: Station = {
    journal,
    leases: memoryLeases(() => time.now()),
    views: runViews(journal),
    wakes: { node: (_run, node) => jobs.wake(node), run: () => jobs.wake(RUN_STREAM) },
    memory: memoryOfNodes(),
    clock: virtualClock(time),
    owner: 'rehearsal',
    runbook: async () => runbook,
    channels: () => channels,
    leave: async () => undefined,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: () => `nonce-${(nonces += 1)}`,
  };
  const jobs = virtualJobs(
    time,
    (job) => (job === RUN_STREAM ? turnOfRun(station, runId(), signal) : turnOfNode(station, { runId: runId(), node: job }, signal)),
    (error) => failures.push(error),
  );
  const pass: Works['pass'] = async (until, withinMs) => {
    await time.run(time.now() + withinMs, () => failures.length > 0 || until());
    const [first] = failures.splice(0);
    if (first !== undefined) throw first;
    if (!until()) throw new UsageError('the run did not come to an end in its time');
  };
  return {
    begin: async (spec) => {
      runs += 1;
      written = [];
      let begun = false;
      const beginning = beginRun(station, runId(), spec, 'rehearsal').finally(() => (begun = true));
      await pass(() => begun, 60_000);
      await beginning;
    },
    say: async (record) => {
      await journal.control(runId(), record);
      await jobs.wake(RUN_STREAM);
    },
    written: () => written,
    pass,
  };
};
