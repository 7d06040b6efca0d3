import { type Command, buildCommand } from '@stricli/core';
import type { AnswerFlags } from '../commands/answer.ts';
import type { ApproveFlags } from '../commands/approve.ts';
import type { CancelFlags } from '../commands/cancel.ts';
import type { PauseFlags } from '../commands/pause.ts';
import type { Cli } from '../context.ts';
import { jsonFlag, yesFlag } from '../flags.ts';
import { withExamples } from '../help.ts';

const array = (placeholder: string, brief: string, minimum: number) =>
  ({ kind: 'array', minimum, parameter: { parse: String, placeholder, brief } }) as const;
const word = (placeholder: string, brief: string) => ({ parse: String, placeholder, brief }) as const;

const pause: Command<Cli> = buildCommand<PauseFlags, [string, ...string[]], Cli>({
  loader: async () => (await import('../commands/pause.ts')).pause,
  parameters: { flags: { ...jsonFlag }, positional: array('RUN NODE', 'The run, and nodes when not all', 1) },
  docs: { customUsage: ['RUN [NODE…]'], brief: 'Stops nodes between two actions; resume goes on' },
});

const cancel: Command<Cli> = buildCommand<CancelFlags, [string, ...string[]], Cli>({
  loader: async () => (await import('../commands/cancel.ts')).cancel,
  parameters: { flags: { ...jsonFlag, ...yesFlag }, positional: array('RUN NODE', 'The run, and nodes when not all', 1) },
  docs: {
    customUsage: ['RUN [NODE…] [--yes]'],
    brief: 'Ends a run where it is; what runs on a node is stopped there, or it says that it still runs',
  },
});

const approve: Command<Cli> = buildCommand<ApproveFlags, [string, string, ...string[]], Cli>({
  loader: async () => (await import('../commands/approve.ts')).approve,
  parameters: { flags: { ...jsonFlag }, positional: array('RUN STEP NODE', 'The run, the step that waits, and nodes when not all', 2) },
  docs: {
    customUsage: ['RUN STEP [NODE…]'],
    brief: 'Says yes to a step that waits for approval',
    fullDescription: withExamples('Your name goes into the journal.', [['approve 7f3k2p approval:start', 'for all nodes that wait there']]),
  },
});

const answer: Command<Cli> = buildCommand<AnswerFlags, [string, string, string, string], Cli>({
  loader: async () => (await import('../commands/answer.ts')).answer,
  parameters: {
    flags: { ...jsonFlag },
    positional: {
      kind: 'tuple',
      parameters: [
        word('RUN', 'The run'),
        word('NODE', 'The node that asks'),
        word('STEP', 'The step that asks'),
        word('VALUE', 'The answer: JSON, or a text'),
      ],
    },
  },
  docs: { customUsage: ['RUN NODE STEP VALUE'], brief: 'Answers what a step asks a person' },
});

/** The commands by which people say something to a run. */
export const sayRoutes = { pause, cancel, approve, answer };
