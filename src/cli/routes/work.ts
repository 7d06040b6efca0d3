import { type Command, buildCommand } from '@stricli/core';
import type { AdoptFlags } from '../commands/adopt.ts';
import type { DemoFlags } from '../commands/demo.ts';
import type { PlanFlags } from '../commands/plan.ts';
import type { ReplayFlags } from '../commands/replay.ts';
import type { ResumeFlags } from '../commands/resume.ts';
import type { RollbackFlags } from '../commands/rollback.ts';
import type { RunFlags } from '../commands/run.ts';
import type { WorkerFlags } from '../commands/worker.ts';
import type { Cli } from '../context.ts';
import { fleetFlag, outputFlags, port, selectAliases, selectFlags, setFlag, wholeNumber, yesFlag } from '../flags.ts';
import { withExamples } from '../help.ts';
import { rolloutFlags } from '../rollout-flags.ts';

type RunbookAndNodes = [string, ...string[]];
const some = (placeholder: string, brief: string, minimum = 1) =>
  ({ kind: 'array', minimum, parameter: { parse: String, placeholder, brief } }) as const;

const onFailureFlag = { kind: 'enum', values: ['pause', 'rollback'], optional: true, brief: 'What to do with a node that failed' } as const;
const detachFlag = { kind: 'boolean', optional: true, withNegated: false, brief: 'Leaves it to the workers and returns' } as const;

/** Written out, so that the help loads no simulator. */
const DEMOS =
  'One of: migrate-runner-node (else this), upgrade-containerd, istio-modules, iptables-backend, conntrack-max, prepare-lxd-node';

const demo: Command<Cli> = buildCommand<DemoFlags, [string?], Cli>({
  loader: async () => (await import('../commands/demo.ts')).demo,
  parameters: {
    flags: {
      nodes: { kind: 'parsed', parse: wholeNumber(1), optional: true, placeholder: 'N', brief: 'How many nodes (3)' },
      fault: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Has the first node boot wrong once: see it fail, and try it again',
      },
      serve: { kind: 'boolean', optional: true, withNegated: false, brief: 'Only starts the fleet, for you to try the other commands on' },
      byHand: { kind: 'boolean', optional: true, withNegated: false, brief: 'Shows on the same fleet how it went wrong without drover' },
      ...outputFlags,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'RUNBOOK', brief: DEMOS, optional: true }],
    },
  },
  docs: {
    customUsage: ['[RUNBOOK] [--by-hand]'],
    brief: 'A simulated fleet, the whole rollout, nothing else needed',
    fullDescription: withExamples(
      'Starts simulated nodes behind a real ssh server and a Kubernetes API on loopback, and takes them through a runbook.',
      [
        ['demo', 'three gitlab-runner nodes, one with the /etc/modules mistake'],
        ['demo --by-hand', 'the same nodes without drover: what that mistake led to'],
        ['demo conntrack-max --by-hand', 'one of the other incidents: first how it went wrong, then (without the flag) with drover'],
        ['demo --nodes 20 --plain', 'more of them, as plain lines'],
        ['demo --fault', 'the first node boots without a module: read why it failed, and press r'],
        ['demo --serve', 'leaves the fleet up until Ctrl-C, and says what to export in another terminal'],
      ],
    ),
  },
});

const plan: Command<Cli> = buildCommand<PlanFlags, RunbookAndNodes, Cli>({
  loader: async () => (await import('../commands/plan.ts')).plan,
  parameters: {
    flags: {
      ...fleetFlag,
      ...selectFlags,
      ...setFlag,
      ...rolloutFlags,
      onFailure: onFailureFlag,
      out: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'FILE',
        brief: 'Freezes the plan in a file (mode 0600), for drover run --plan',
      },
      ...outputFlags,
    },
    aliases: selectAliases,
    positional: some('RUNBOOK NODE', 'The runbook (a name or a file) and the nodes, in the order in which they are to begin'),
  },
  docs: {
    customUsage: ['RUNBOOK [NODE…] [-l k=v] [--exclude NODE] [--set k=v…] [--out FILE]'],
    brief: 'What would be done, per node and step; changes nothing',
    fullDescription: withExamples(
      'Looks at each node, and prints for each step that it is met, or the exact actions and how they are taken back.',
      [
        ['plan migrate-runner-node runner-1 --set gateway=10.77.1.1', 'one node'],
        ['plan ./runbooks/hello.ts -l role=gitlab-runner', 'a runbook of your own, nodes by label'],
        ['plan migrate-runner-node --set gateway=10.77.1.1 --canary 2 --max-unavailable 25%', 'who begins when'],
        ['plan migrate-runner-node --set gateway=10.77.1.1 --out friday.plan', 'for somebody to approve: drover run --plan friday.plan'],
        ['plan migrate-runner-node --set gateway=10.77.1.1 --json', 'one document, for programs'],
      ],
    ),
  },
});

const runRoute: Command<Cli> = buildCommand<RunFlags, string[], Cli>({
  loader: async () => (await import('../commands/run.ts')).run,
  parameters: {
    flags: {
      ...fleetFlag,
      ...selectFlags,
      ...setFlag,
      ...rolloutFlags,
      onFailure: onFailureFlag,
      plan: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'FILE',
        brief: 'Runs what drover plan --out FILE froze, unless something changed since; nothing else is said then',
      },
      detach: detachFlag,
      ...outputFlags,
      ...yesFlag,
    },
    aliases: selectAliases,
    positional: some('RUNBOOK NODE', 'The runbook (a name or a file) and the nodes, in the order in which they are to begin', 0),
  },
  docs: {
    customUsage: [
      'RUNBOOK [NODE…] [-l k=v] [--exclude NODE] [--set k=v…] [--canary N] [--max-unavailable N|P%] [--yes] [--detach]',
      '--plan FILE [--yes] [--detach]',
    ],
    brief: 'Does it: preflight of all nodes first, then canaries, then some at a time',
    fullDescription: withExamples(
      `Checks all nodes, asks, and moves them through the runbook. What is as wished already is skipped. Nodes begin in the order in
which they are named, else in that of the inventory; the flags about the rollout override what the runbook says.`,
      [
        ['run migrate-runner-node runner-1 --set gateway=10.77.1.1', 'one node'],
        ['run migrate-runner-node -l role=gitlab-runner --set gateway=10.77.1.1 --on-failure rollback --yes', 'unattended'],
        [
          'run hello --canary 1 --soak 10m --max-unavailable 25% --spread esxi',
          'one first, watched; then a quarter, no two on one ESXi host',
        ],
        ['run hello --canary 0 --max-unavailable 1 --max-failures 2', 'one after another; stops when more than two have failed'],
        ['run --plan friday.plan', 'what drover plan --out friday.plan froze, if nothing has changed'],
        ['run migrate-runner-node runner-2 --set gateway=10.77.1.1 --yes --detach', 'left to the workers; drover watch RUN shows it'],
      ],
    ),
  },
});

const adopt: Command<Cli> = buildCommand<AdoptFlags, RunbookAndNodes, Cli>({
  loader: async () => (await import('../commands/adopt.ts')).adopt,
  parameters: {
    flags: {
      ...fleetFlag,
      ...setFlag,
      ...rolloutFlags,
      onFailure: onFailureFlag,
      detach: detachFlag,
      ...outputFlags,
      ...yesFlag,
    },
    positional: some('RUNBOOK NODE', 'The runbook (a name or a file) and the nodes', 2),
  },
  docs: {
    customUsage: ['RUNBOOK NODE… [--set k=v…] [--yes] [--detach]'],
    brief: 'Takes over nodes that somebody moved half-way by hand, or another run left',
    fullDescription: withExamples(
      `Shows which steps are met and which are missing, asks, and goes on from there. A cordon that stands on a node is taken over, and the
node is uncordoned at the end. What is met already has no way back: drover does not know what was there before.`,
      [
        ['adopt migrate-runner-node runner-2 --set gateway=10.77.1.1', 'what is met, what is missing; then asks'],
        ['plan migrate-runner-node runner-2 --set gateway=10.77.1.1', 'only looks'],
      ],
    ),
  },
});

const resume: Command<Cli> = buildCommand<ResumeFlags, RunbookAndNodes, Cli>({
  loader: async () => (await import('../commands/resume.ts')).resume,
  parameters: { flags: { ...outputFlags }, positional: some('RUN NODE', 'The run, and nodes when not all') },
  docs: { customUsage: ['RUN [NODE…]'], brief: 'Goes on with what is parked, paused, or was left behind' },
});

const replay: Command<Cli> = buildCommand<ReplayFlags, RunbookAndNodes, Cli>({
  loader: async () => (await import('../commands/replay.ts')).replay,
  parameters: {
    flags: {
      from: { kind: 'parsed', parse: String, optional: true, placeholder: 'STEP', brief: 'From this step on, instead of the failed one' },
      ...outputFlags,
      ...yesFlag,
    },
    positional: some('RUN NODE', 'The run, and nodes when not all that failed'),
  },
  docs: {
    customUsage: ['RUN [NODE…] [--from STEP]'],
    brief: 'Tries failed nodes again, from the failed step',
    fullDescription: withExamples('History is kept, and so is what was there before the first attempt.', [
      ['replay 7f3k2p', 'all nodes that failed'],
      ['replay 7f3k2p runner-2 --from reboot', 'one node, from an earlier step'],
      ['replay 7f3k2p @run', 'only what runs once for the run (helm)'],
    ]),
  },
});

const rollback: Command<Cli> = buildCommand<RollbackFlags, RunbookAndNodes, Cli>({
  loader: async () => (await import('../commands/rollback.ts')).rollback,
  parameters: { flags: { ...outputFlags, ...yesFlag }, positional: some('RUN NODE', 'The run, and nodes when not all') },
  docs: { customUsage: ['RUN [NODE…]'], brief: 'Takes a run back: what was there before is put back, in reverse, proven' },
});

const worker: Command<Cli> = buildCommand<WorkerFlags, [], Cli>({
  loader: async () => (await import('../commands/worker.ts')).worker,
  parameters: {
    flags: {
      concurrency: { kind: 'parsed', parse: wholeNumber(1), optional: true, placeholder: 'N', brief: 'Nodes at work at once here (10)' },
      port: { kind: 'parsed', parse: port, optional: true, placeholder: 'P', brief: 'Serves /healthz and /metrics' },
      ...outputFlags,
    },
  },
  docs: {
    customUsage: ['[--concurrency N] [--port P]'],
    brief: 'Works on runs until it is stopped; several may run, on several machines, over one REDIS_URL',
    fullDescription: withExamples(
      'Takes whatever is to be done in any run. Ctrl-C or SIGTERM: the actions at hand end, others go on; once more ends it at once. A worker that is killed is replaced after some 9 s.\n\nIt needs what the operator has who starts runs: runbooks under the same paths, ssh keys and known_hosts, kubeconfig, helm; drover doctor looks.',
      [
        ['worker', 'works on ten nodes at once, until it is stopped'],
        ['worker --concurrency 40 --port 9090', 'more of them; /healthz and /metrics for a supervisor'],
        ['workers', 'which workers there are, and what they hold'],
      ],
    ),
  },
});

/** The commands that do something to nodes. */
export const workRoutes = { demo, plan, run: runRoute, adopt, resume, replay, rollback, worker };
