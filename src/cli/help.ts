import { table } from '../words/text.ts';

/** What drover is, in one sentence. */
export const tagline = 'Moves a fleet of Kubernetes nodes through a typed runbook, one proven step at a time.';

/** Commands under a heading, each with its brief. */
export type HelpGroup = { readonly title: string; readonly commands: readonly (readonly [name: string, brief: string])[] };

const indented = (rows: readonly (readonly string[])[]): string =>
  table(rows)
    .map((line) => `  ${line}`)
    .join('\n');

/** What `drover --help` prints: how to begin, what there is, what the exit codes mean. */
export const rootHelp = (groups: readonly HelpGroup[]): string => `drover COMMAND [ARGUMENTS] [FLAGS]

${tagline}

Begin here
${indented([
  ['drover demo', 'a simulated fleet, the whole rollout; nothing else is needed'],
  ['drover init && drover doctor', 'fleet.yaml and a first runbook; what is missing here'],
  ['drover plan RUNBOOK NODE', 'what would be done, changes nothing'],
  ['drover run RUNBOOK -l role=gitlab-runner', 'does it, node by node'],
  ['drover where NODE', 'when something went wrong: what is known, and the way back by hand'],
  ['drover COMMAND --help', 'flags and examples'],
])}

${groups.map(({ title, commands }) => `${title}\n${indented(commands)}`).join('\n\n')}

Exit codes
  0  all as wished        1  a node failed
  2  usage, configuration or preflight: nothing was touched
  3  rolled back          4  waits for a person, or is blocked by a node
  5  drover's own trouble: Redis gone, a second writer, a bug
  130  interrupted

Environment
${indented([
  ['DROVER_FLEET', 'the inventory, instead of the nearest fleet.yaml from here upward'],
  ['DROVER_STATE_DIR', 'the private Redis and its journal (else $XDG_STATE_HOME/drover or ~/.local/state/drover)'],
  ['REDIS_URL', 'a Redis of your own instead of the private one: redis:// or rediss://'],
  ['KUBECONFIG, SSH_AUTH_SOCK', 'as for kubectl and ssh'],
  ['NO_COLOR, DROVER_DEBUG=1', 'no colours; stacks'],
])}
`;

/** Puts examples under a command's description. */
export const withExamples = (text: string, examples: readonly (readonly [command: string, meaning: string])[]): string =>
  `${text}\n\nExamples\n${indented(examples.map(([command, meaning]) => [`drover ${command}`, meaning]))}`;
