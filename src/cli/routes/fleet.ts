import { type Command, buildCommand } from '@stricli/core';
import type { CheckFlags } from '../commands/check.ts';
import type { DoctorFlags } from '../commands/doctor.ts';
import type { ForgetFlags } from '../commands/forget.ts';
import type { HoldFlags } from '../commands/hold.ts';
import type { KnownHostsFlags } from '../commands/known-hosts.ts';
import type { InitFlags } from '../commands/init.ts';
import type { NodesFlags } from '../commands/nodes.ts';
import type { Cli } from '../context.ts';
import { fleetFlag, jsonFlag, selectAliases, selectFlags, setFlag, yesFlag } from '../flags.ts';
import { withExamples } from '../help.ts';
import { lengthOfTime } from '../rollout-flags.ts';

const nodeNames = (minimum: number, brief = minimum === 0 ? 'Nodes; all when none is named' : 'Nodes') =>
  ({
    kind: 'array',
    minimum,
    parameter: { parse: String, placeholder: 'NODE', brief },
  }) as const;

const init: Command<Cli> = buildCommand<InitFlags, [string?], Cli>({
  loader: async () => (await import('../commands/init.ts')).init,
  parameters: {
    flags: {},
    positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'DIR', brief: 'The folder (here)', optional: true }] },
  },
  docs: { customUsage: ['[DIR]'], brief: 'Writes a folder that works at once: fleet.yaml, a runbook, its test; overwrites nothing' },
});

const check: Command<Cli> = buildCommand<CheckFlags, string[], Cli>({
  loader: async () => (await import('../commands/check.ts')).check,
  parameters: {
    flags: { ...fleetFlag, ...setFlag, ...jsonFlag },
    positional: {
      kind: 'array',
      parameter: { parse: String, placeholder: 'RUNBOOK', brief: 'Runbooks, by name or file; all when none is named' },
    },
  },
  docs: {
    customUsage: ['[RUNBOOK…] [--set k=v…]'],
    brief: 'What about runbooks will hurt one day; reaches no node',
    fullDescription: withExamples(
      `Lays each runbook out with its defaults, and with each value of each choice among its params. Finds what is configured and never proven, a
cordon that stays, pods let in behind a boot that nobody saw Ready, a change behind the last proof, a person who may take for ever, and files
that do not load. Exit code 0 when nothing was found, 2 otherwise. --set gives what cannot be guessed.`,
      [
        ['check', 'your own runbooks and those of drover'],
        ['check ./runbooks/hello.ts', 'one of them'],
        ['check migrate-runner-node --set move=command --set \'moveCommand=["govc","{vm}"]\'', 'one path through it'],
      ],
    ),
  },
});

const doctor: Command<Cli> = buildCommand<DoctorFlags, string[], Cli>({
  loader: async () => (await import('../commands/doctor.ts')).doctor,
  parameters: { flags: { ...fleetFlag, ...selectFlags, ...jsonFlag }, aliases: selectAliases, positional: nodeNames(0) },
  docs: {
    customUsage: ['[NODE…] [-l k=v]'],
    brief: 'What is missing here: Redis, kubeconfig, keys, each node, its identity',
    fullDescription: withExamples(
      'Looks, changes nothing. Exit code 0 when all is well or only warnings are left, 2 when something is missing.',
      [
        ['doctor', 'this machine and all nodes'],
        ['doctor runner-1', 'one node'],
      ],
    ),
  },
});

const nodes: Command<Cli> = buildCommand<NodesFlags, string[], Cli>({
  loader: async () => (await import('../commands/nodes.ts')).nodes,
  parameters: { flags: { ...fleetFlag, ...selectFlags, ...jsonFlag }, aliases: selectAliases, positional: nodeNames(0) },
  docs: {
    customUsage: ['[NODE…] [-l k=v]'],
    brief: 'The inventory, and what is known of each node',
    fullDescription: withExamples('Reads fleet.yaml and the journal; connects to nothing else.', [
      ['nodes -l role=gitlab-runner,esxi!=a', 'by label'],
    ]),
  },
});

const hold: Command<Cli> = buildCommand<HoldFlags, [string, ...string[]], Cli>({
  loader: async () => (await import('../commands/hold.ts')).hold,
  parameters: {
    flags: {
      ...fleetFlag,
      why: { kind: 'parsed', parse: String, optional: true, placeholder: 'TEXT', brief: 'The reason, for who meets it' },
      release: { kind: 'boolean', optional: true, withNegated: false, brief: 'Lets runs have the node again' },
      ...jsonFlag,
    },
    positional: nodeNames(1),
  },
  docs: {
    customUsage: ['NODE… [--why TEXT | --release]'],
    brief: 'Keeps nodes out of all runs until they are released',
    fullDescription: withExamples('A run that is at work on the node goes on; pause RUN stops that.', [
      ['hold runner-2 --why "disk is being replaced"', 'no run takes it'],
      ['hold runner-2 --release', 'free again'],
    ]),
  },
});

const forget: Command<Cli> = buildCommand<ForgetFlags, string[], Cli>({
  loader: async () => (await import('../commands/forget.ts')).forget,
  parameters: {
    flags: {
      ...fleetFlag,
      run: { kind: 'parsed', parse: String, optional: true, placeholder: 'RUN', brief: 'Only what this run kept on the node' },
      olderThan: {
        kind: 'parsed',
        parse: lengthOfTime,
        optional: true,
        placeholder: 'TIME',
        brief: 'Only of runs that ended longer ago; without NODE of all nodes',
      },
      pins: { kind: 'boolean', optional: true, withNegated: false, brief: 'Instead forgets who the machine is: it was rebuilt' },
      ...jsonFlag,
      ...yesFlag,
    },
    positional: nodeNames(0, 'Nodes; with --older-than all when none is named'),
  },
  docs: {
    customUsage: ['NODE… [--run RUN | --pins] [--yes]', '[NODE…] --older-than TIME [--yes]'],
    brief: 'Removes snapshots and traces from nodes: no way back after that',
    fullDescription: withExamples('Old files, which a rollback would need, are kept on the node until this is called.', [
      ['forget runner-1', 'all finished runs'],
      ['forget --older-than 30d --yes', 'all nodes, what is older than a month: for a timer'],
      ['forget runner-1 --pins', 'the machine was rebuilt and has another host key'],
    ]),
  },
});

const knownHosts: Command<Cli> = buildCommand<KnownHostsFlags, string[], Cli>({
  loader: async () => (await import('../commands/known-hosts.ts')).knownHosts,
  parameters: {
    flags: {
      ...fleetFlag,
      write: { kind: 'boolean', optional: true, withNegated: false, brief: 'Adds them to the known_hosts file of ssh' },
      ...jsonFlag,
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, placeholder: 'RUN|NODE', brief: 'Nodes, or runs for all of theirs; all nodes when none is named' },
    },
  },
  docs: {
    customUsage: ['[RUN|NODE…] [--write]'],
    brief: 'The lines that known_hosts lacks for the addresses where nodes answer now',
    fullDescription: withExamples(
      'Each key is that of a connection in which it was held against the pin of the node, and the machine against its identity. Nothing is written without --write.',
      [
        ['known-hosts 7f3k2p', 'of the nodes of a run that has moved them'],
        ['known-hosts runner-1 --write', 'adds what is missing to the first UserKnownHostsFile'],
      ],
    ),
  },
});

/** The commands about the fleet itself. */
export const fleetRoutes = { init, check, doctor, nodes, hold, forget, 'known-hosts': knownHosts };
