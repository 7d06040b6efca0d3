import type { ApiRequest } from '../core/action.ts';
import type { Duration } from '../core/duration.ts';
import { UsageError } from '../core/error.ts';
import { type Json, isJsonObject, sameJson } from '../core/json.ts';
import { type Change, type Gate, change, gate } from '../core/step.ts';
import { type DaemonSetState, daemonSet, daemonSetPath } from '../facts/daemon-set.ts';

/** A DaemonSet that is to be there. What the API server fills in by itself need not stand in the spec. */
export type DaemonSetWish = { readonly namespace: string; readonly name: string; readonly spec: { readonly [key: string]: Json } };

type Known = NonNullable<DaemonSetState>;

/** The label by which drover knows its own. */
const MANAGED = 'app.kubernetes.io/managed-by';
const nameRule = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The paths at which what is there is not what is wished; more than wished is no difference, because the API server fills in defaults. */
export const differences = (wish: Json, is: Json, path = 'spec'): readonly string[] => {
  if (Array.isArray(wish) && Array.isArray(is)) {
    const there: readonly Json[] = is;
    return wish.length === there.length
      ? wish.flatMap((one, index) => differences(one, there[index] ?? null, `${path}[${index}]`))
      : [path];
  }
  if (isJsonObject(wish) && isJsonObject(is))
    return Object.entries(wish).flatMap(([key, value]) => differences(value, is[key] ?? null, `${path}.${key}`));
  return sameJson(wish, is) ? [] : [path];
};

/** What `before` and `now` have in common is what people mean by the same DaemonSet: not its versions, and not how many pods it has. */
const meaning = (state: DaemonSetState): Json => state && { annotations: state.annotations, labels: state.labels, spec: state.spec };

const body = ({ namespace, name }: DaemonSetWish, spec: Json, metadata: { readonly [key: string]: Json }): Json => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace, ...metadata },
  spec,
});

/** The whole object put in place of one that was read: the API server answers 409 when anybody changed it since, or made a new one of the name. */
const put = (wish: DaemonSetWish, now: Known, to: Pick<Known, 'annotations' | 'labels' | 'spec'>): ApiRequest => ({
  via: 'kubernetes',
  method: 'PUT',
  path: daemonSetPath(wish.namespace, wish.name),
  body: body(wish, to.spec, { annotations: to.annotations, labels: to.labels, resourceVersion: now.resourceVersion, uid: now.uid }),
});

const create = (wish: DaemonSetWish, { annotations, labels }: Pick<Known, 'annotations' | 'labels'>, spec: Json): ApiRequest => ({
  via: 'kubernetes',
  method: 'POST',
  path: daemonSetPath(wish.namespace),
  body: body(wish, spec, { annotations, labels }),
});

/** `now` is unknown while a way back is only planned. */
const remove = ({ namespace, name }: DaemonSetWish, now: Known | undefined): ApiRequest => ({
  via: 'kubernetes',
  method: 'DELETE',
  path: daemonSetPath(namespace, name),
  body: { propagationPolicy: 'Background', ...(now && { preconditions: { resourceVersion: now.resourceVersion, uid: now.uid } }) },
});

const isOurs = (now: Known): boolean => now.labels[MANAGED] === 'drover';

/** Why drover may not write to what is there, if so. */
const foreign = (wish: DaemonSetWish, now: Known): readonly string[] => {
  const what = `the DaemonSet ${wish.namespace}/${wish.name}`;
  if (!isOurs(now)) return [`${what} is there and is not drover's (it has no label ${MANAGED}=drover): choose another name`];
  return differences(wish.spec['selector'] ?? null, now.spec['selector'] ?? null).length === 0
    ? []
    : [`${what} has another selector, which cannot be changed: delete it first`];
};

/**
 * Creates or changes a DaemonSet; every write is a compare-and-set on what was read. The way back removes it, or puts back what was there.
 *
 * One that is not drover's is not touched. It runs on the controller, so it may stand among the steps that run once a run.
 */
const applied = (wish: DaemonSetWish): Change => {
  const { namespace, name, spec } = wish;
  for (const one of [namespace, name])
    if (!nameRule.test(one)) throw new UsageError(`daemonSet: ${one} is not a name that Kubernetes takes`);
  return change<DaemonSetState>({
    id: `daemonset:${namespace}/${name}`,
    title: `apply the DaemonSet ${namespace}/${name}`,
    wish: { namespace, name, spec },
    observe: () => daemonSet(namespace, name),
    unmet: (now) => {
      if (now === null) return [`there is no DaemonSet ${namespace}/${name}`];
      const not = foreign(wish, now);
      return not.length > 0
        ? not
        : differences(spec, now.spec).map((path) => `${path} of the DaemonSet ${namespace}/${name} is not as wished`);
    },
    apply: (now) => {
      if (now === null) return [create(wish, { annotations: {}, labels: { [MANAGED]: 'drover' } }, spec)];
      return foreign(wish, now).length > 0 ? [] : [put(wish, now, { ...now, spec })];
    },
    rollback: (before, _ctx, now) => {
      if (now && !isOurs(now)) return [];
      if (before === null) return now === null ? [] : [remove(wish, now)];
      return now === null ? [create(wish, before, before.spec)] : [put(wish, now ?? before, before)];
    },
    // one of that name that somebody else has made since is theirs
    restored: (now, before) =>
      (before === null && now !== null && !isOurs(now)) || sameJson(meaning(now), meaning(before))
        ? []
        : [`the DaemonSet ${namespace}/${name} is ${before === null ? 'still there' : 'not what it was'}`],
  });
};

/** Every node that should have a pod of a DaemonSet has a ready one, of its latest spec. */
const ready = ({ namespace, name }: Pick<DaemonSetWish, 'namespace' | 'name'>, { within }: { readonly within: Duration }): Gate =>
  gate<DaemonSetState>({
    id: `daemonset:${namespace}/${name}:ready`,
    title: `the DaemonSet ${namespace}/${name} runs`,
    wish: 'ready',
    within,
    observe: () => daemonSet(namespace, name),
    unmet: (now) => {
      if (now === null) return [`there is no DaemonSet ${namespace}/${name}`];
      if (now.nodes === null) return [`no controller has seen the DaemonSet ${namespace}/${name} yet`];
      const { ready: there, wanted } = now.nodes;
      return there >= wanted ? [] : [`${there} of ${wanted} nodes have a ready pod of ${namespace}/${name}`];
    },
  });

/** Steps about DaemonSets; they run once a run. */
export const daemonSets = { applied, ready } as const;
