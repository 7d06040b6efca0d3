/** The fleet.yaml that `drover init` writes. */
export const firstFleet = `# yaml-language-server: $schema=./fleet.schema.json
# The nodes that drover may work on. drover doctor checks all of this; it changes nothing.

# cluster: { context: prod }        # the kubeconfig context; the current one when left out

# How to log in. What is left out comes from ~/.ssh/config, as for ssh. A user other than root needs sudo without a password.
# ssh: { user: ops, port: 22, jump: bastion.example.org, identityFile: ~/.ssh/id_ed25519, knownHosts: ~/.ssh/known_hosts }
# notify: { webhook: { env: DROVER_WEBHOOK }, remind: 15m }   # tells people what waits for them

nodes:
  # The name is the node's name in Kubernetes, and the one under which its host key is looked up besides the address.
  # labels are for -l and for the spread of a rollout; vars are values that a runbook needs of each node.
  runner-1: { address: 192.0.2.11, labels: { role: gitlab-runner, esxi: a }, vars: { newAddress: 198.51.100.11/24 } }
  runner-2: { address: 192.0.2.12, labels: { role: gitlab-runner, esxi: b }, vars: { newAddress: 198.51.100.12/24 } }
`;

/** The runbook that `drover init` writes: one file on each node. */
export const firstRunbook = `import { file, runbook, z } from 'drover';

/**
 * Writes a greeting that people see when they log in. A first runbook: change it, then look at
 *   drover plan hello runner-1 --set greeting="mind the migration"
 */
export default runbook({
  name: 'hello',
  summary: 'Writes a greeting to /etc/motd.d/drover.',
  version: 1,
  // once a run: drover run hello --set greeting=...
  params: z.object({ greeting: z.string().default('drover looks after this node').describe('the line that people see') }),
  // once a node: vars in fleet.yaml
  vars: z.object({}),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  // each step says what should be true; what is true already is skipped, and a rollback puts back what was there
  steps: ({ params, node }) => [file('/etc/motd.d/drover', { content: \`\${node.name}: \${params.greeting}\\n\` })],
});
`;
