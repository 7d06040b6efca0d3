import type { ApiRequest, ApiResponse } from '../core/action.ts';
import { type CallFact, calling } from '../core/fact.ts';
import { type Json, isJsonObject } from '../core/json.ts';
import { field, list, text } from './api-object.ts';

/** The annotation that says which run cordoned a node, and what was there before. */
export const CORDON_ANNOTATION = 'drover.dev/cordon';

/** What the annotation holds. `prior` is what the way back restores. */
export type CordonOwner = { readonly by: string | null; readonly prior: { readonly unschedulable: boolean }; readonly run: string };

/** A Node object's schedulability; `resourceVersion` is for compare-and-set, and changes without anybody's doing. Null: no such Node. */
export type ClusterNode = {
  readonly name: string;
  readonly owner: CordonOwner | null;
  readonly resourceVersion: string;
  readonly uid: string;
  readonly unschedulable: boolean;
} | null;

/** What the kubelet last said of itself; `ready` is the condition's status: True, False or Unknown. Null: no such Node. */
export type NodeHealth = { readonly bootId: string; readonly internalIP: string | null; readonly ready: string } | null;

/** The API path of a Node. */
export const nodePath = (name: string): string => `/api/v1/nodes/${encodeURIComponent(name)}`;

const get = (name: string): ApiRequest => ({ via: 'kubernetes', method: 'GET', path: nodePath(name) });

const object = (name: string, { status, body }: ApiResponse): Json => {
  if (status === 404) return null;
  if (status !== 200) throw new Error(`the Node ${name} cannot be read: the API answered ${status} ${text(field(body, 'message'))}`.trim());
  return body;
};

/** Reads the annotation; one that is not drover's JSON has an owner all the same, so that nobody takes the node for free. */
const cordonOwner = (annotation: Json): CordonOwner | null => {
  if (typeof annotation !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(annotation);
  } catch {
    return { by: null, prior: { unschedulable: true }, run: `(unreadable: ${annotation})` };
  }
  if (!isJsonObject(value)) return { by: null, prior: { unschedulable: true }, run: `(unreadable: ${annotation})` };
  const by = text(field(value, 'by'));
  return {
    by: by === '' ? null : by,
    prior: { unschedulable: field(value, 'prior', 'unschedulable') === true },
    run: text(field(value, 'run')),
  };
};

/** Reads whether a Node takes pods, and who said so. Source: the API reference of Node v1. */
export const clusterNode = (name: string): CallFact<ClusterNode> =>
  calling(get(name), (response) => {
    const node = object(name, response);
    if (node === null) return null;
    return {
      name,
      owner: cordonOwner(field(node, 'metadata', 'annotations', CORDON_ANNOTATION)),
      resourceVersion: text(field(node, 'metadata', 'resourceVersion')),
      uid: text(field(node, 'metadata', 'uid')),
      unschedulable: field(node, 'spec', 'unschedulable') === true,
    };
  });

const healthOf = (node: Json): NonNullable<NodeHealth> => {
  const ready = list(field(node, 'status', 'conditions')).find((condition) => field(condition, 'type') === 'Ready');
  const address = list(field(node, 'status', 'addresses')).find((one) => field(one, 'type') === 'InternalIP');
  return {
    bootId: text(field(node, 'status', 'nodeInfo', 'bootID')),
    internalIP: address === undefined ? null : text(field(address, 'address')),
    ready: ready === undefined ? 'Unknown' : text(field(ready, 'status')),
  };
};

/** Reads what the cluster knows of the node's health. Ready alone is stale for 40 s and more after a kubelet stops: compare the boot id as well. */
export const nodeHealth = (name: string): CallFact<NodeHealth> =>
  calling(get(name), (response) => {
    const node = object(name, response);
    return node === null ? null : healthOf(node);
  });

/** Reads which container runtime a node has, as its kubelet last told: `containerd://1.6.18`, empty when it told none. Null: no such Node. */
export const nodeRuntime = (name: string): CallFact<string | null> =>
  calling(get(name), (response) => {
    const node = object(name, response);
    return node === null ? null : text(field(node, 'status', 'nodeInfo', 'containerRuntimeVersion'));
  });

/** Reads the health of all nodes of the cluster by one call, from the API server's cache. */
export const fleetHealth: CallFact<Readonly<Record<string, NodeHealth>>> = calling(
  { via: 'kubernetes', method: 'GET', path: '/api/v1/nodes?resourceVersion=0' },
  ({ status, body }) => {
    if (status !== 200) throw new Error(`the nodes cannot be listed: the API answered ${status} ${text(field(body, 'message'))}`.trim());
    return Object.fromEntries(list(field(body, 'items')).map((node) => [text(field(node, 'metadata', 'name')), healthOf(node)]));
  },
);
