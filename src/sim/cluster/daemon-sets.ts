import { type Json, isJsonObject, sameJson } from '../../core/json.ts';
import { type ApiAnswer, failure } from './answer.ts';
import { type Cluster, type KubeObject, at, keyOf, listAt, listObjects, store, textAt, withPart } from './cluster.ts';
import { isReady, terminate } from './pods.ts';

const record = (value: Json): { readonly [key: string]: Json } => (isJsonObject(value) ? value : {});

const container = (one: Json): Json => ({
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: /:[^/]+$/.test(textAt(one, 'image')) && !textAt(one, 'image').endsWith(':latest') ? 'IfNotPresent' : 'Always',
  ...record(one),
});
const volume = (one: Json): Json =>
  isJsonObject(at(one, 'hostPath')) ? { ...record(one), hostPath: { type: '', ...record(at(one, 'hostPath')) } } : one;

/** Fills in what the API server does, as far as test/contract/daemon-set.test.ts compares it. Source: pkg/apis/apps/v1/defaults.go of Kubernetes. */
const defaulted = (spec: Json): KubeObject => {
  const template = record(at(spec, 'template'));
  const pod = record(at(template, 'spec'));
  const listOf = (key: string, each: (one: Json) => Json): object => (Array.isArray(pod[key]) ? { [key]: listAt(pod, key).map(each) } : {});
  const filled = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...pod,
    ...listOf('containers', container),
    ...listOf('initContainers', container),
    ...listOf('volumes', volume),
  };
  return {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
    ...record(spec),
    template: { ...template, spec: filled },
  };
};

const invalid = (name: string, why: string): ApiAnswer => failure(422, 'Invalid', `DaemonSet.apps "${name}" is invalid: ${why}`);

/** Whether a DaemonSet may be stored in place of another; it comes back with its defaults and its generation, or with the refusal. */
export const admitDaemonSet = (
  wish: KubeObject,
  old: KubeObject | undefined,
): { readonly object: KubeObject } | { readonly refused: ApiAnswer } => {
  const name = textAt(wish, 'metadata', 'name');
  const labels = record(at(wish, 'spec', 'selector', 'matchLabels'));
  const own = record(at(wish, 'spec', 'template', 'metadata', 'labels'));
  if (Object.keys(labels).length === 0) return { refused: invalid(name, 'spec.selector: Required value') };
  if (!Object.entries(labels).every(([key, value]) => own[key] === value))
    return { refused: invalid(name, 'spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`') };
  if (listAt(wish, 'spec', 'template', 'spec', 'containers').length === 0)
    return { refused: invalid(name, 'spec.template.spec.containers: Required value') };
  if (old && !sameJson(at(old, 'spec', 'selector'), at(wish, 'spec', 'selector')))
    return { refused: invalid(name, 'spec.selector: Invalid value: field is immutable') };
  const spec = defaulted(at(wish, 'spec'));
  const was = at(old, 'metadata', 'generation');
  const generation = typeof was !== 'number' ? 1 : sameJson(at(old, 'spec'), spec) ? was : was + 1;
  const status = at(old, 'status') ?? { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  const counted = { ...record(at(wish, 'metadata', 'annotations')), 'deprecated.daemonset.template.generation': String(generation) };
  const object = withPart({ ...wish, spec, status }, ['metadata', 'annotations'], counted);
  return { object: withPart(object, ['metadata', 'generation'], generation) };
};

const podsOf = (cluster: Cluster, set: KubeObject): readonly (readonly [string, KubeObject])[] =>
  listObjects(cluster, 'pods', textAt(set, 'metadata', 'namespace')).filter(
    ([, pod]) => textAt(listAt(pod, 'metadata', 'ownerReferences')[0], 'uid') === textAt(set, 'metadata', 'uid'),
  );

/** What the controller of DaemonSets does, where there is one: a pod on each node, and those of an older spec go. Taints do not count. */
export const controlDaemonSet = (cluster: Cluster, set: KubeObject, now: number): void => {
  if (!cluster.controlsDaemonSets) return;
  const [namespace, name] = [textAt(set, 'metadata', 'namespace'), textAt(set, 'metadata', 'name')];
  const counted = at(set, 'metadata', 'generation');
  const generation = typeof counted === 'number' ? String(counted) : '';
  for (const [key, pod] of podsOf(cluster, set))
    if (textAt(pod, 'metadata', 'labels', 'pod-template-generation') !== generation) terminate(cluster, key, now, 0);
  const there = new Set(podsOf(cluster, set).map(([, pod]) => textAt(pod, 'spec', 'nodeName')));
  for (const [, node] of listObjects(cluster, 'nodes')) {
    const nodeName = textAt(node, 'metadata', 'name');
    if (there.has(nodeName)) continue;
    const key = keyOf('pods', namespace, `${name}-${cluster.ids.hex(5)}`);
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid: textAt(set, 'metadata', 'uid'), controller: true };
    const labels = { ...record(at(set, 'spec', 'template', 'metadata', 'labels')), 'pod-template-generation': generation };
    const metadata = { name: key.split('/').at(-1) ?? '', namespace, labels, annotations: {}, ownerReferences: [owner] };
    const spec = { ...record(at(set, 'spec', 'template', 'spec')), nodeName };
    store(cluster, key, { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Pending', conditions: [] } }, now);
    cluster.due.set(key, { at: now + cluster.timings.podStartMs, what: 'running' });
  }
};

/** A DaemonSet with the status that its controller would have written by now, where there is one. */
export const withDaemonSetStatus = (cluster: Cluster, set: KubeObject): KubeObject => {
  if (!cluster.controlsDaemonSets || at(set, 'metadata', 'generation') === null) return set;
  const pods = podsOf(cluster, set).map(([, pod]) => pod);
  const desired = listObjects(cluster, 'nodes').length;
  return withPart(set, ['status'], {
    currentNumberScheduled: pods.length,
    desiredNumberScheduled: desired,
    numberMisscheduled: 0,
    numberReady: pods.filter((pod) => isReady(pod)).length,
    observedGeneration: at(set, 'metadata', 'generation'),
    updatedNumberScheduled: pods.length,
  });
};

/** Ends the pods of a DaemonSet that was deleted, as the garbage collector does in the background. */
export const collectDaemonSet = (cluster: Cluster, set: KubeObject, now: number): void => {
  for (const [key] of podsOf(cluster, set)) terminate(cluster, key, now);
};
