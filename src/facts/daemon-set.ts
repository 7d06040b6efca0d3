import { type CallFact, calling } from '../core/fact.ts';
import { type Json, isJsonObject } from '../core/json.ts';
import { field, number, text, texts } from './api-object.ts';

/** Where the API has the DaemonSets of a namespace, or one of them. */
export const daemonSetPath = (namespace: string, name?: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/daemonsets${name === undefined ? '' : `/${name}`}`;

/** A DaemonSet as it stands: what it says, and how many nodes have its pod. Null where there is none. */
export type DaemonSetState = {
  readonly annotations: { readonly [key: string]: string };
  readonly labels: { readonly [key: string]: string };
  /** Nodes that should have a pod of it, and those that have a ready one of the latest making. */
  readonly nodes: { readonly ready: number; readonly wanted: number } | null;
  readonly resourceVersion: string;
  readonly spec: { readonly [key: string]: Json };
  readonly uid: string;
} | null;

/** The API server counts in it by itself, and takes no notice of what others write there. */
const COUNTED = 'deprecated.daemonset.template.generation';

/** Reads `DaemonSetState`. `nodes` is null until the controller has seen the latest spec. */
export const daemonSet = (namespace: string, name: string): CallFact<DaemonSetState> =>
  calling({ via: 'kubernetes', method: 'GET', path: daemonSetPath(namespace, name) }, ({ status, body }) => {
    if (status === 404) return null;
    if (status !== 200)
      throw new Error(
        `the DaemonSet ${namespace}/${name} cannot be read: the API answered ${status} ${text(field(body, 'message'))}`.trim(),
      );
    const spec = field(body, 'spec');
    const { [COUNTED]: _counted, ...annotations } = texts(field(body, 'metadata', 'annotations'));
    const count = (key: string): number => number(field(body, 'status', key)) ?? 0;
    const seen = number(field(body, 'status', 'observedGeneration')) === number(field(body, 'metadata', 'generation'));
    return {
      annotations,
      labels: texts(field(body, 'metadata', 'labels')),
      nodes: seen
        ? { ready: Math.min(count('numberReady'), count('updatedNumberScheduled')), wanted: count('desiredNumberScheduled') }
        : null,
      resourceVersion: text(field(body, 'metadata', 'resourceVersion')),
      spec: isJsonObject(spec) ? spec : {},
      uid: text(field(body, 'metadata', 'uid')),
    };
  });
