import { type Json, isJsonObject } from '../../core/json.ts';
import { type ApiAnswer, type ApiCall, failure } from './answer.ts';
import { type Cluster, type KubeObject, at, keyOf, listObjects, store, textAt, withPart } from './cluster.ts';
import { admitDaemonSet, collectDaemonSet, controlDaemonSet, withDaemonSetStatus } from './daemon-sets.ts';
import { evict, graceIn, withBudgetStatus, wrongUid } from './eviction.ts';
import { nodeLease } from './kubelet.ts';
import { mergePatch } from './merge-patch.ts';
import { deleteNamespace, placePending, terminate } from './pods.ts';
import { replicated } from './replicated.ts';
import { matchesFields, matchesLabels } from './selectors.ts';

const resources: Readonly<Record<string, { readonly group: string; readonly kind: string; readonly namespaced: boolean }>> = {
  nodes: { group: '/api/v1', kind: 'Node', namespaced: false },
  namespaces: { group: '/api/v1', kind: 'Namespace', namespaced: false },
  pods: { group: '/api/v1', kind: 'Pod', namespaced: true },
  events: { group: '/api/v1', kind: 'Event', namespaced: true },
  poddisruptionbudgets: { group: '/apis/policy/v1', kind: 'PodDisruptionBudget', namespaced: true },
  daemonsets: { group: '/apis/apps/v1', kind: 'DaemonSet', namespaced: true },
  replicasets: { group: '/apis/apps/v1', kind: 'ReplicaSet', namespaced: true },
  statefulsets: { group: '/apis/apps/v1', kind: 'StatefulSet', namespaced: true },
  leases: { group: '/apis/coordination.k8s.io/v1', kind: 'Lease', namespaced: true },
};

type Target = {
  readonly resource: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly sub: string | undefined;
};

const route = (path: string): Target | undefined => {
  const [, group = '', rest = ''] = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  const parts = rest.split('/').map(decodeURIComponent);
  const scoped = parts[0] === 'namespaces' && parts.length > 2;
  const [resource = '', name, sub] = scoped ? parts.slice(2) : parts;
  const known = Object.hasOwn(resources, resource) ? resources[resource] : undefined;
  if (!known || known.group !== group || (scoped && !known.namespaced)) return undefined;
  return { resource, kind: known.kind, namespace: scoped ? parts[1] : undefined, name, sub };
};

const shown = (cluster: Cluster, { resource }: Target, object: KubeObject): KubeObject =>
  resource === 'poddisruptionbudgets'
    ? withBudgetStatus(cluster, object)
    : resource === 'daemonsets'
      ? withDaemonSetStatus(cluster, object)
      : object;

const list = (cluster: Cluster, target: Target, query: URLSearchParams): ApiAnswer => {
  const [labels, fields] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''];
  const items = [...listObjects(cluster, target.resource, target.namespace), ...replicated(cluster, target.kind)]
    .filter(([, object]) => matchesLabels(object, labels) && matchesFields(object, fields))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, object]) => shown(cluster, target, object));
  return {
    status: 200,
    body: {
      kind: `${target.kind}List`,
      apiVersion: textAt(items[0], 'apiVersion') || 'v1',
      metadata: { resourceVersion: String(cluster.version) },
      items,
    },
  };
};

/** What a write must not differ in: resourceVersion and uid, where it names them. */
const conflict = (target: Target, old: KubeObject, wish: Json): ApiAnswer | undefined => {
  const name = target.name ?? '';
  const [version, uid] = [textAt(wish, 'metadata', 'resourceVersion'), textAt(wish, 'metadata', 'uid')];
  if (uid !== '' && uid !== textAt(old, 'metadata', 'uid'))
    return failure(
      409,
      'Conflict',
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${textAt(old, 'metadata', 'uid')}`,
    );
  if (version === '' || version === textAt(old, 'metadata', 'resourceVersion')) return undefined;
  return failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${target.resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
  );
};

const write = (cluster: Cluster, target: Target, key: string, old: KubeObject, wish: Json, now: number): ApiAnswer => {
  const refused = conflict(target, old, wish);
  if (refused) return refused;
  if (!isJsonObject(wish)) return failure(400, 'BadRequest', 'the body is no object');
  if (target.resource === 'daemonsets') return storeDaemonSet(cluster, key, wish, old, now);
  const body = store(cluster, key, { ...wish, ...(target.resource === 'nodes' && { status: at(old, 'status') }) }, now);
  if (target.resource === 'nodes') placePending(cluster, now);
  return { status: 200, body };
};

/** Stores a DaemonSet where the API server would, and has its controller see it. */
const storeDaemonSet = (cluster: Cluster, key: string, wish: KubeObject, old: KubeObject | undefined, now: number): ApiAnswer => {
  const admitted = admitDaemonSet(wish, old);
  if ('refused' in admitted) return admitted.refused;
  const body = store(cluster, key, admitted.object, now);
  controlDaemonSet(cluster, body, now);
  return { status: old ? 200 : 201, body };
};

const remove = (cluster: Cluster, { resource }: Target, key: string, old: KubeObject, options: Json, now: number): ApiAnswer => {
  const refused = wrongUid(old, options);
  if (refused) return refused;
  const version = textAt(options, 'preconditions', 'resourceVersion');
  if (version !== '' && version !== textAt(old, 'metadata', 'resourceVersion'))
    return failure(409, 'Conflict', `Precondition failed: ResourceVersion in precondition: ${version}`);
  if (resource === 'pods') return { status: 200, body: terminate(cluster, key, now, graceIn(options)) ?? old };
  if (resource === 'namespaces') return { status: 200, body: deleteNamespace(cluster, key, now) ?? old };
  cluster.objects.delete(key);
  if (resource === 'daemonsets') collectDaemonSet(cluster, old, now);
  return { status: 200, body: old };
};

const one = (cluster: Cluster, target: Target, call: ApiCall, now: number): ApiAnswer => {
  const { resource, namespace = '', name = '' } = target;
  const key = keyOf(resource, namespace, name);
  const old = cluster.objects.get(key);
  if (!old) return failure(404, 'NotFound', `${resource} "${name}" not found`);
  switch (call.method) {
    case 'GET':
      return { status: 200, body: shown(cluster, target, old) };
    case 'PUT':
      return write(cluster, target, key, old, json(call.body), now);
    case 'PATCH':
      if (!/^application\/(strategic-)?merge-patch\+json/.test(call.contentType))
        return failure(415, 'UnsupportedMediaType', `the simulator takes merge patches only, not ${call.contentType}`);
      if (isJsonObject(json(call.body))) {
        const refused = conflict(target, old, json(call.body));
        return refused ?? write(cluster, target, key, old, mergePatch(old, json(call.body)), now);
      }
      return failure(400, 'BadRequest', 'the body is no object');
    case 'DELETE':
      return remove(cluster, target, key, old, json(call.body), now);
    default:
      return failure(405, 'MethodNotAllowed', `the server does not allow ${call.method} here`);
  }
};

/** A body that came as JSON text is JSON. */
const json = (body: unknown): Json => {
  if (body === null || typeof body === 'string' || typeof body === 'number' || typeof body === 'boolean') return body;
  if (Array.isArray(body)) return body.map(json);
  return isJsonObject(body) ? body : null;
};

const create = (cluster: Cluster, target: Target, call: ApiCall, now: number): ApiAnswer => {
  const body = json(call.body);
  const name = textAt(body, 'metadata', 'name') || `${textAt(body, 'metadata', 'generateName')}${cluster.ids.hex(5)}`;
  const key = keyOf(target.resource, target.namespace ?? '', name);
  if (!isJsonObject(body)) return failure(400, 'BadRequest', 'the body is no object');
  if (cluster.objects.has(key)) return failure(409, 'AlreadyExists', `${target.resource} "${name}" already exists`);
  if (target.resource === 'daemonsets')
    return storeDaemonSet(cluster, key, withPart(body, ['metadata', 'namespace'], target.namespace ?? ''), undefined, now);
  return { status: 201, body: store(cluster, key, body, now) };
};

/** The leases of the kubelets, made when they are asked for. */
const nodeLeases = (cluster: Cluster, { name }: Target, now: number): ApiAnswer => {
  const names = [...cluster.heartbeats.keys()];
  if (name !== undefined)
    return names.includes(name)
      ? { status: 200, body: nodeLease(cluster, name, now) }
      : failure(404, 'NotFound', `leases "${name}" not found`);
  return {
    status: 200,
    body: {
      kind: 'LeaseList',
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { resourceVersion: String(cluster.version) },
      items: names.map((one) => nodeLease(cluster, one, now)),
    },
  };
};

const about: Readonly<Record<string, KubeObject>> = {
  '/version': { major: '1', minor: '30', gitVersion: 'v1.30.4', platform: 'linux/amd64' },
  '/readyz': { ok: true },
  '/livez': { ok: true },
  '/healthz': { ok: true },
};

/** Answers one request as the API server would. Pure but for the cluster, which it changes. */
export const answer = (cluster: Cluster, call: ApiCall, now: number): ApiAnswer => {
  const fault = cluster.faults.find(
    ({ times, method, path }) =>
      times > 0 && (method === undefined || method === call.method) && (path === undefined || path.test(call.path)),
  );
  if (fault) {
    fault.times -= 1;
    const reason =
      { 403: 'Forbidden', 409: 'Conflict', 429: 'TooManyRequests', 503: 'ServiceUnavailable' }[fault.status] ?? 'InternalError';
    return failure(fault.status, reason, `the simulator was told to answer ${fault.status}`);
  }
  const fixed = Object.hasOwn(about, call.path) ? about[call.path] : undefined;
  if (fixed) return { status: 200, body: fixed };
  const target = route(call.path);
  if (!target) return failure(404, 'NotFound', `the simulator does not know ${call.path}`);
  if (target.sub === 'eviction' && target.resource === 'pods' && call.method === 'POST')
    return evict(cluster, target.namespace ?? '', target.name ?? '', json(call.body), now);
  if (target.sub !== undefined && target.sub !== 'status') return failure(404, 'NotFound', `the simulator does not know ${call.path}`);
  if (target.resource === 'leases' && target.namespace === 'kube-node-lease' && call.method === 'GET')
    return nodeLeases(cluster, target, now);
  if (target.name !== undefined) return one(cluster, target, call, now);
  if (call.query.get('watch') === 'true') return failure(405, 'MethodNotAllowed', 'the simulator has no watches');
  if (call.method === 'GET') return list(cluster, target, call.query);
  return call.method === 'POST'
    ? create(cluster, target, call, now)
    : failure(405, 'MethodNotAllowed', `the server does not allow ${call.method} here`);
};
