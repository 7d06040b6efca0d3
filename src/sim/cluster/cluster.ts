import type { Ids } from '../random.ts';
import type { Timings } from '../timings.ts';
import type { Json } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

/** An object of the API as JSON. Objects are never changed, only replaced. */
export type KubeObject = { readonly [key: string]: Json };

/** What the API answers instead of the truth, for a while. */
export type ApiFault = { readonly status: number; times: number; readonly method?: string; readonly path?: RegExp };

/** A cluster's objects and clocks: no I/O and no clock of its own. */
export type Cluster = {
  /** By `RESOURCE/NAMESPACE/NAME`; the namespace is empty for nodes. */
  readonly objects: Map<string, KubeObject>;
  readonly timings: Timings;
  readonly ids: Ids;
  /** When a node's kubelet was last heard of; null while it reports. */
  readonly heartbeats: Map<string, number | null>;
  /** What each kubelet last said of itself, for knowing whether it says anything new. */
  readonly reports: Map<string, string>;
  /** When each node's kubelet was last started, as far as it has told. */
  readonly kubelets: Map<string, number>;
  /** When the sandbox of a pod was made, by its uid. */
  readonly sandboxes: Map<string, number>;
  /** What becomes of pods, and of namespaces that are about to go, by itself, by their key. */
  readonly due: Map<string, { readonly at: number; readonly what: 'running' | 'gone' | 'collect' }>;
  readonly faults: ApiFault[];
  /** Whether there is a controller that makes the pods of DaemonSets which come by the API. */
  controlsDaemonSets: boolean;
  /** Pods whose init container needs a table of iptables, by their key, and whether they have crashed for want of it. */
  readonly needy: Map<string, { readonly table: string; crashing: boolean }>;
  /** Nobody answers at all. */
  down: boolean;
  version: number;
};

/** An empty cluster. */
export const createCluster = (timings: Timings, ids: Ids): Cluster => ({
  objects: new Map(),
  timings,
  ids,
  heartbeats: new Map(),
  reports: new Map(),
  kubelets: new Map(),
  sandboxes: new Map(),
  due: new Map(),
  faults: [],
  controlsDaemonSets: false,
  needy: new Map(),
  down: false,
  version: 1000,
});

/** The key of an object. */
export const keyOf = (resource: string, namespace: string, name: string): string => `${resource}/${namespace}/${name}`;

/** A part of an object, by its path; null where there is none. */
export const at = (value: Json | undefined, ...path: readonly string[]): Json =>
  path.reduce<Json>((part, key) => (isJsonObject(part) ? (part[key] ?? null) : null), value ?? null);
/** A text in an object, empty where there is none. */
export const textAt = (value: Json | undefined, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};
/** A list in an object, empty where there is none. */
export const listAt = (value: Json | undefined, ...path: readonly string[]): readonly Json[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** An object with some fields replaced, one level at a time. */
export const withPart = (object: KubeObject, path: readonly [string, ...string[]], value: Json): KubeObject => {
  const [first, ...rest] = path;
  const [second, ...more] = rest;
  if (second === undefined) return { ...object, [first]: value };
  const inner = object[first];
  return { ...object, [first]: withPart(isJsonObject(inner) ? inner : {}, [second, ...more], value) };
};

/** A time as the API writes it. */
export const timestamp = (now: number): string => new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');

/** Stores an object under a new resourceVersion; a new object gets a uid and a creation time. */
export const store = (cluster: Cluster, key: string, object: KubeObject, now: number): KubeObject => {
  const known = cluster.objects.get(key);
  cluster.version += 1;
  const metadata = at(object, 'metadata');
  const kept = {
    uid: textAt(known, 'metadata', 'uid') || cluster.ids.uuid(),
    creationTimestamp: textAt(known, 'metadata', 'creationTimestamp') || textAt(object, 'metadata', 'creationTimestamp') || timestamp(now),
    resourceVersion: String(cluster.version),
  };
  const stored: KubeObject = { ...object, metadata: { ...(isJsonObject(metadata) ? metadata : {}), ...kept } };
  cluster.objects.set(key, stored);
  return stored;
};

/** All objects of a resource, in a namespace or everywhere. */
export const listObjects = (cluster: Cluster, resource: string, namespace?: string): readonly (readonly [string, KubeObject])[] => {
  const prefix = `${resource}/${namespace === undefined ? '' : `${namespace}/`}`;
  const found: [string, KubeObject][] = [];
  for (const entry of cluster.objects) if (entry[0].startsWith(prefix)) found.push(entry);
  return found;
};
