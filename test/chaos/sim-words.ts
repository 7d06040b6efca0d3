import { z } from 'zod';

/** What the simulator's process is asked. */
export const question = z.discriminatedUnion('do', [
  z.object({ do: z.literal('where') }),
  z.object({ do: z.literal('look') }),
  z.object({ do: z.literal('cut'), node: z.string(), cut: z.boolean() }),
  z.object({ do: z.literal('sever'), node: z.string(), when: z.enum(['before', 'after']) }),
]);
export type Question = z.infer<typeof question>;

const command = z.object({
  at: z.number(),
  fence: z.number(),
  run: z.string(),
  step: z.string(),
  attempt: z.number(),
  exitCode: z.number().nullable(),
});
/** A mutating command that a node let through, as the simulator has recorded it. */
export type Command = z.infer<typeof command>;

const node = z.object({
  name: z.string(),
  bootCount: z.number(),
  cordoned: z.boolean(),
  ready: z.boolean(),
  addresses: z.array(z.string()),
  loadedModules: z.array(z.string()),
  packages: z.array(z.string()),
  kubelet: z.string(),
  commands: z.array(command),
  refusals: z.array(z.object({ at: z.number(), fence: z.number(), step: z.string(), code: z.number() })),
});
/** A node as the simulator knows it. */
export type Seen = z.infer<typeof node>;

export const whereAnswer = z.object({
  env: z.object({ PATH: z.string(), KUBECONFIG: z.string() }),
  fleet: z.string(),
  gateway: z.string(),
  names: z.array(z.string()),
});
export const lookAnswer = z.object({ nodes: z.array(node) });

/** Any answer; what is missing is added by the question. */
export type Answer = object;
