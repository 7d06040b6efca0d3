import { z } from 'zod';
import { type Duration, durationMs, isDuration } from '../core/duration.ts';
import { RUN_STREAM } from '../core/node.ts';

const nodeName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

const text = (what: string): z.ZodString => z.string({ error: `${what} is a text` }).min(1, { error: `${what} is empty` });

const address = text('an address').regex(/^[0-9A-Za-z]([0-9A-Za-z.:-]*[0-9A-Za-z])?$/, {
  error: ({ input }) =>
    String(input).includes('/')
      ? `${String(input)} has a prefix length; an address is written without it`
      : `${String(input)} is neither an IP address nor a host name`,
});

const label = z.string({
  error: ({ input }) => `labels are texts: write ${JSON.stringify(String(input))} in quotes, or YAML changes it (1.10 becomes 1.1)`,
});

/** One node of fleet.yaml. */
const node = z
  .strictObject({
    address: address.optional().describe('The IP address or host name under which ssh reaches the node.'),
    addresses: z
      .array(address)
      .min(1, { error: 'give at least one address' })
      .optional()
      .describe('All addresses that may answer, best first.'),
    labels: z.record(z.string(), label).default({}).describe('Labels for -l, and for the spread of a rollout.'),
    vars: z.record(z.string(), z.json()).default({}).describe('Values for this node; the runbook says which it needs.'),
  })
  .superRefine((value, ctx) => {
    if (value.address !== undefined && value.addresses !== undefined)
      ctx.addIssue({ code: 'custom', path: ['addresses'], message: 'give address or addresses, not both' });
    if (value.address === undefined && value.addresses === undefined) ctx.addIssue({ code: 'custom', message: 'has no address' });
  });

/** More often nobody wants to be reminded, and a webhook that fails would be asked without a pause. */
const SHORTEST_MS = 1000;

/** The shape of fleet.yaml; its JSON Schema for editors is made from this. */
export const fleetSchema = z.strictObject({
  cluster: z
    .strictObject({ context: text('the context').optional().describe('The kubeconfig context; the current one when left out.') })
    .default({})
    .describe('The Kubernetes cluster of the nodes.'),
  ssh: z
    .strictObject({
      user: text('the user').optional().describe('The login name; not root needs sudo without a password.'),
      port: z
        .int({ error: 'a port is a number' })
        .min(1, { error: 'a port is 1 to 65535' })
        .max(65535, { error: 'a port is 1 to 65535' })
        .optional()
        .describe('The port of sshd.'),
      jump: text('the jump host').optional().describe('[user@]host[:port] of a jump host, as ProxyJump takes it.'),
      identityFile: text('the key file').optional().describe('A private key; ~ is your home, other paths start at this file.'),
      knownHosts: text('the known_hosts file').optional().describe('A known_hosts file; ~ is your home, other paths start at this file.'),
    })
    .default({})
    .describe('How to log in; what is left out comes from ~/.ssh/config.'),
  notify: z
    .strictObject({
      webhook: z
        .union([z.strictObject({ env: text('the name of the variable') }), z.strictObject({ file: text('the file') })], {
          error: ({ input }) =>
            input === undefined ? 'is missing' : 'is a reference, because the address is a secret: { env: NAME } or { file: PATH }',
        })
        .describe('Where the address of the webhook is found: an environment variable of the workers, or a file there.'),
      remind: z
        .string()
        .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, { error: 'is a time like 15m', abort: true })
        .refine((value): value is Duration => isDuration(value) && durationMs(value) >= SHORTEST_MS, { error: 'is at least 1s' })
        .default('15m')
        .describe('How often people are reminded while something waits for them.'),
    })
    .optional()
    .describe('Who is told that something waits for a person, by a POST with JSON.'),
  nodes: z
    .record(
      text('a node name')
        .max(253)
        .regex(nodeName, {
          error: ({ input }) =>
            input === RUN_STREAM
              ? `${RUN_STREAM} is no name for a node: it stands for the run itself`
              : `${JSON.stringify(input)} is no Kubernetes node name: small letters, digits, - and . only`,
        }),
      node,
      {
        error: ({ input }) =>
          input === undefined || input === null ? 'is missing' : 'should be a mapping of node names, each with an address',
      },
    )
    .refine((nodes) => Object.keys(nodes).length > 0, { error: 'there is no node' })
    .describe('The nodes, by their Kubernetes names.'),
});

/** The JSON Schema of fleet.yaml for editors (draft 2020-12). */
export const fleetJsonSchema = (): object => ({
  ...z.toJSONSchema(fleetSchema, { io: 'input' }),
  title: 'drover fleet.yaml',
  description: 'The nodes that drover may work on, how to reach them, and what runbooks need to know of each.',
});
