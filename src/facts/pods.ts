import type { ApiRequest } from '../core/action.ts';
import { type CallFact, calling } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import { field, list, listed, number, text, texts } from './api-object.ts';
import { type CiJob, ciJobOf } from './ci-job.ts';

/** A pod that is on its way out: when its time is over (RFC 3339), and how long that was. */
export type Ending = { readonly at: string; readonly graceSeconds: number };

/** A pod, as far as a drain goes by it. */
export type Pod = {
  readonly controller: { readonly kind: string; readonly name: string } | null;
  readonly emptyDirs: readonly string[];
  readonly ending: Ending | null;
  /** The CI job that it runs. */
  readonly job: CiJob | null;
  readonly labels: Readonly<Record<string, string>>;
  /** The kubelet runs it from a file; the API only shows it. */
  readonly mirror: boolean;
  readonly name: string;
  readonly namespace: string;
  readonly phase: string;
  readonly ready: boolean;
  /** A cordon does not keep it away: a new one may come at once. */
  readonly toleratesCordon: boolean;
  readonly uid: string;
};

const MIRROR = 'kubernetes.io/config.mirror';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

const controllerOf = (pod: Json): Pod['controller'] => {
  const owner = list(field(pod, 'metadata', 'ownerReferences')).find((one) => field(one, 'controller') === true);
  return owner === undefined ? null : { kind: text(field(owner, 'kind')), name: text(field(owner, 'name')) };
};

const tolerates = (toleration: Json): boolean => {
  const [key, effect] = [text(field(toleration, 'key')), text(field(toleration, 'effect'))];
  const all = key === '' && field(toleration, 'operator') === 'Exists';
  return (all || key === UNSCHEDULABLE) && (effect === '' || effect === 'NoSchedule');
};

const podOf = (pod: Json): Pod => {
  const deletedAt = text(field(pod, 'metadata', 'deletionTimestamp'));
  return {
    controller: controllerOf(pod),
    emptyDirs: list(field(pod, 'spec', 'volumes')).flatMap((one) => (field(one, 'emptyDir') === null ? [] : [text(field(one, 'name'))])),
    ending: deletedAt === '' ? null : { at: deletedAt, graceSeconds: number(field(pod, 'metadata', 'deletionGracePeriodSeconds')) ?? 0 },
    job: ciJobOf(pod),
    labels: texts(field(pod, 'metadata', 'labels')),
    mirror: MIRROR in texts(field(pod, 'metadata', 'annotations')),
    name: text(field(pod, 'metadata', 'name')),
    namespace: text(field(pod, 'metadata', 'namespace')),
    phase: text(field(pod, 'status', 'phase')),
    ready: list(field(pod, 'status', 'conditions')).some((one) => field(one, 'type') === 'Ready' && field(one, 'status') === 'True'),
    toleratesCordon: list(field(pod, 'spec', 'tolerations')).some(tolerates),
    uid: text(field(pod, 'metadata', 'uid')),
  };
};

const onNode = (node: string, selector: string | undefined): ApiRequest => {
  const labels = selector === undefined ? '' : `&labelSelector=${encodeURIComponent(selector)}`;
  return { via: 'kubernetes', method: 'GET', path: `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}${labels}` };
};

/**
 * Reads the pods of a node, in all namespaces, as the API server has them now.
 *
 * @param selector a label selector as kubectl takes it, e.g. `app!=registry`
 */
export const podsOn = (node: string, selector?: string): CallFact<readonly Pod[]> =>
  calling(onNode(node, selector), (response) => listed(`the pods of ${node}`, response).map(podOf));
