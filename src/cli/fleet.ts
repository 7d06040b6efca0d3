import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import type { SecretRef } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import type { RunSpec, SshSettings } from '../core/event.ts';
import type { Node } from '../core/node.ts';
import { fleetSchema } from './fleet-schema.ts';
import { fileError, parseYaml, schemaError } from './yaml-file.ts';

/** The inventory of fleet.yaml. */
export type Fleet = {
  /** Absolute. */
  readonly path: string;
  /** As messages show it. */
  readonly file: string;
  readonly cluster: { readonly context: string | null };
  readonly ssh: SshSettings;
  readonly notify?: NonNullable<RunSpec['notify']>;
  readonly nodes: readonly Node[];
  /** Says that something in the file is wrong, with its line: `path` leads to the value, `['nodes', 'runner-1', 'vars']`. */
  error(path: readonly string[], message: string): UsageError;
};

/** Where to look for fleet.yaml. */
export type FleetPlace = {
  readonly flag: string | undefined;
  readonly env: { readonly DROVER_FLEET?: string | undefined };
  readonly cwd: string;
};

/** Finds fleet.yaml: the flag, DROVER_FLEET, or the nearest one from the working folder upward. @throws UsageError when there is none */
export const findFleet = ({ flag, env, cwd }: FleetPlace): string => {
  const named = flag ?? (env.DROVER_FLEET === '' ? undefined : env.DROVER_FLEET);
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (existsSync(path)) return path;
    throw new UsageError(`there is no file ${named}, which ${flag === undefined ? 'DROVER_FLEET' : '--fleet'} names`, {
      detail: { file: named },
    });
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, 'fleet.yaml');
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) break;
  }
  throw new UsageError(
    'there is no fleet.yaml here or in a folder above; drover init makes one, --fleet FILE or DROVER_FLEET names another',
  );
};

/** The shorter of the two ways to name a file for people. */
const forPeople = (path: string, cwd: string): string => {
  const short = relative(cwd, path);
  return short !== '' && !short.startsWith('..') ? short : path;
};

const wholePath = (path: string | undefined, file: string, home: string): string | null => {
  if (path === undefined) return null;
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return isAbsolute(path) ? path : resolve(dirname(file), path);
};

/** A secret's file, like all files of fleet.yaml, begins at its folder. */
const referenceIn = (ref: SecretRef, file: string, home: string): SecretRef =>
  'env' in ref ? ref : { file: wholePath(ref.file, file, home) ?? ref.file };

const shapeAt = (path: readonly PropertyKey[]): readonly string[] => {
  const [first, , ...inner] = path;
  if (first === undefined) return Object.keys(fleetSchema.shape);
  if (first === 'cluster') return ['context'];
  if (first === 'notify') return inner.length > 0 ? ['env', 'file'] : ['webhook', 'remind'];
  if (first === 'ssh') return ['user', 'port', 'jump', 'identityFile', 'knownHosts'];
  return first === 'nodes' && inner.length === 0 ? ['address', 'addresses', 'labels', 'vars'] : [];
};

const nodeOf = ([name, entry]: [string, z.infer<typeof fleetSchema>['nodes'][string]]): Node => ({
  name,
  addresses: entry.addresses ?? (entry.address === undefined ? [] : [entry.address]),
  labels: entry.labels,
  vars: entry.vars,
});

/** Reads and checks fleet.yaml. @throws UsageError with file, line and column, and all that is wrong at once */
export const loadFleet = (path: string, home: string, cwd: string = process.cwd()): Fleet => {
  const file = forPeople(path, cwd);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
      detail: { file },
    });
  }
  const yaml = parseYaml(file, text);
  const parsed = fleetSchema.safeParse(yaml.value ?? {}, { error: missingOrWrong });
  if (!parsed.success) throw schemaError(file, yaml, parsed.error.issues, shapeAt);
  const { cluster, ssh, notify } = parsed.data;
  const nodes = Object.entries(parsed.data.nodes).map(nodeOf);
  const owner = new Map<string, string>();
  for (const { name, addresses } of nodes) {
    for (const address of addresses) {
      const other = owner.get(address);
      const at = (): { line: number; column: number } => yaml.place(['nodes', name, 'address']);
      if (other === name) throw fileError(file, at(), `nodes.${name}: ${address} stands there twice`);
      if (other !== undefined)
        throw fileError(file, at(), `nodes.${name}: ${address} is the address of ${other} already; two nodes cannot share one`);
      owner.set(address, name);
    }
  }
  return {
    path,
    file,
    cluster: { context: cluster.context ?? null },
    ssh: {
      user: ssh.user ?? null,
      port: ssh.port ?? null,
      jump: ssh.jump ?? null,
      identityFile: wholePath(ssh.identityFile, path, home),
      knownHosts: wholePath(ssh.knownHosts, path, home),
    },
    ...(notify && { notify: { ...notify, webhook: referenceIn(notify.webhook, path, home) } }),
    nodes,
    error: (where, message) => fileError(file, yaml.place(where), message),
  };
};

const kinds: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a number',
};

/** zod's own words for the commonest mistakes name JavaScript types; these name YAML's. */
const missingOrWrong = (issue: z.core.$ZodRawIssue): string | undefined => {
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined || issue.input === null ? 'is missing' : `should be ${kinds[issue.expected] ?? issue.expected}`;
};
