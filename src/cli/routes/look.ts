import { type Command, buildCommand } from '@stricli/core';
import type { LogsFlags } from '../commands/logs.ts';
import type { RunsFlags } from '../commands/runs.ts';
import type { ShowFlags } from '../commands/show.ts';
import type { WatchFlags } from '../commands/watch.ts';
import type { WhereFlags } from '../commands/where.ts';
import type { WorkersFlags } from '../commands/workers.ts';
import type { Cli } from '../context.ts';
import { fleetFlag, jsonFlag, outputFlags, wholeNumber } from '../flags.ts';
import { withExamples } from '../help.ts';

const runId = { parse: String, placeholder: 'RUN', brief: 'The id of a run; its first letters are enough' } as const;

const watch: Command<Cli> = buildCommand<WatchFlags, [string], Cli>({
  loader: async () => (await import('../commands/watch.ts')).watch,
  parameters: {
    flags: {
      replay: { kind: 'boolean', optional: true, withNegated: false, brief: 'Plays what happened again, from the beginning' },
      speed: { kind: 'parsed', parse: wholeNumber(1), optional: true, placeholder: 'N', brief: 'How many times faster than it was (10)' },
      ...outputFlags,
    },
    positional: { kind: 'tuple', parameters: [runId] },
  },
  docs: { customUsage: ['RUN [--replay [--speed N]]'], brief: 'Shows a run live, or as it ended; leaving does not stop it' },
});

const runs: Command<Cli> = buildCommand<RunsFlags, [], Cli>({
  loader: async () => (await import('../commands/runs.ts')).runs,
  parameters: { flags: { ...jsonFlag } },
  docs: { brief: 'The runs there are, newest first' },
});

const show: Command<Cli> = buildCommand<ShowFlags, [string], Cli>({
  loader: async () => (await import('../commands/show.ts')).show,
  parameters: { flags: { ...jsonFlag }, positional: { kind: 'tuple', parameters: [runId] } },
  docs: {
    customUsage: ['RUN [--json]'],
    brief: 'Everything that happened in a run, node by node, and what to do now',
    fullDescription: withExamples('Reads the journal; no worker is needed.', [
      ['show 7f3k2p', 'for people'],
      ['show 7f3k2p --json', 'all events, one a line'],
    ]),
  },
});

const logs: Command<Cli> = buildCommand<LogsFlags, [string, string?], Cli>({
  loader: async () => (await import('../commands/logs.ts')).logs,
  parameters: {
    flags: {
      follow: { kind: 'boolean', optional: true, withNegated: false, brief: 'Goes on printing as output comes' },
      step: { kind: 'parsed', parse: String, optional: true, placeholder: 'STEP', brief: 'Only the output of this step' },
      ...jsonFlag,
    },
    aliases: { f: 'follow' },
    positional: { kind: 'tuple', parameters: [runId, { parse: String, placeholder: 'NODE', brief: 'Only this node', optional: true }] },
  },
  docs: { customUsage: ['RUN [NODE] [--step STEP] [--follow]'], brief: 'What the commands of a run printed on the nodes' },
});

const where: Command<Cli> = buildCommand<WhereFlags, [string], Cli>({
  loader: async () => (await import('../commands/where.ts')).where,
  parameters: {
    flags: { ...fleetFlag, ...jsonFlag },
    positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'NODE', brief: 'The node' }] },
  },
  docs: { customUsage: ['NODE'], brief: 'Where a node stands: journal, node and cluster side by side, and the way back by hand' },
});

const workers: Command<Cli> = buildCommand<WorkersFlags, [], Cli>({
  loader: async () => (await import('../commands/workers.ts')).workers,
  parameters: { flags: { ...jsonFlag } },
  docs: { brief: 'The workers that are alive: what each holds, since when, and what it has not the means for' },
});

/** The commands that only look. */
export const lookRoutes = { watch, runs, show, logs, where, workers };
