import { randomUUID } from 'node:crypto';
import type { ApiRequest } from '../../src/core/action.ts';
import type { NewControl, NodeEvent } from '../../src/core/event.ts';
import type { Json } from '../../src/core/json.ts';
import { layOut } from '../../src/core/plan.ts';
import type { ClusterChannel, Clock, Journal } from '../../src/core/ports.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import type { Ended } from '../../src/engine/world.ts';
import { field, list as listOf, text } from '../../src/facts/api-object.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { holdNode, meansOf } from '../engine/means.ts';

/** A cluster of two nodes, n1 and n2, in which a drain can be tried: a simulated one, or a real API server without kubelets. */
export type DrainGround = AsyncDisposable & {
  readonly cluster: ClusterChannel;
  /** Moves on when somebody sleeps, and with it the cluster. */
  readonly clock: Clock;
  /** Whether a namespace that is about to go takes its pods along by itself. */
  readonly collects: boolean;
};

/** A pod to try with; it runs and is Ready on n1, made by a ReplicaSet, unless said otherwise. */
export type PodWish = {
  readonly name: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly owner?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly emptyDir?: boolean;
  readonly phase?: string;
  readonly ready?: boolean;
  /** Ends only when its time is over. */
  readonly stubborn?: boolean;
};

/** The annotation that keeps whoever stands in for the kubelet from ending a pod. */
export const STUBBORN = 'sim.drover.dev/ignores-sigterm';

const within = { signal: new AbortController().signal, timeoutMs: 20_000 };
const call = async (ground: DrainGround, method: ApiRequest['method'], path: string, body?: Json): Promise<Json> => {
  const answer = await ground.cluster.call({ via: 'kubernetes', method, path, ...(body !== undefined && { body }) }, within);
  if (answer.status >= 300 && answer.status !== 404) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const post = (ground: DrainGround, path: string, body: Json): Promise<Json> => call(ground, 'POST', path, body);

const ownerOf = (owner: string): Json => {
  const [kind = '', name = ''] = owner.split('/');
  return { apiVersion: 'apps/v1', kind, name, uid: randomUUID(), controller: true };
};

/** A namespace of its own for one test; on a real cluster the tests share the nodes, so each empties what it has made. */
export type Plot = {
  readonly ground: DrainGround;
  readonly namespace: string;
  pod(wish: PodWish): Promise<void>;
  budget(name: string, labels: Readonly<Record<string, string>>, minAvailable: number): Promise<void>;
  daemonSet(name: string): Promise<void>;
  /** Deletes a pod at once, as a kubelet does at the end. */
  end(name: string): Promise<void>;
  /** The pods on a node, by name, with `-` before those that are ending. */
  on(node: string): Promise<readonly string[]>;
  /** Runs steps until they end, or only a person goes on. `meddle` comes between two holds. */
  run(steps: readonly (Step | Disruption)[], meddle?: (journal: Journal, turn: number) => Promise<void>): Promise<Drained>;
};

/** What came of a run. */
export type Drained = { readonly ended: Ended; readonly events: readonly NodeEvent[]; readonly tookMs: number };

const node = { name: 'n1', addresses: [], labels: {}, vars: {} };

/** One hold of the node by a worker of its own. */
export const holdOnce = (
  ground: DrainGround,
  journal: Journal,
  steps: readonly (Step | Disruption)[],
  fence: number,
  cluster = ground.cluster,
  onFailure: 'pause' | 'rollback' = 'pause',
): Promise<Ended> =>
  holdNode(
    { node, plan: layOut(steps), onFailure, fence, by: `w${fence}`, signal: within.signal },
    meansOf({ cluster, journal, clock: ground.clock }),
  );

const items = (list: Json): readonly Json[] => listOf(field(list, 'items'));
const metadata = (one: Json, key: string): string => text(field(one, 'metadata', key));

/** What a person says to the node. */
export const say = (answer: string): NewControl => ({ by: 'ops', type: 'answer', step: 'jobs-ended', answer });

/** Empties both nodes, for good. */
export const clear = async (ground: DrainGround): Promise<void> => {
  for (const set of items(await call(ground, 'GET', '/apis/apps/v1/daemonsets')))
    await call(ground, 'DELETE', `/apis/apps/v1/namespaces/${metadata(set, 'namespace')}/daemonsets/${metadata(set, 'name')}`);
  for (const pod of items(await call(ground, 'GET', '/api/v1/pods')))
    await call(ground, 'DELETE', `/api/v1/namespaces/${metadata(pod, 'namespace')}/pods/${metadata(pod, 'name')}`, {
      gracePeriodSeconds: 0,
    });
};

/** Prepares a plot in a cluster. */
export const plot = async (ground: DrainGround, namespace: string): Promise<Plot> => {
  await call(ground, 'PATCH', '/api/v1/nodes/n1', { spec: { unschedulable: true } });
  await post(ground, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const end = async (name: string): Promise<void> => {
    await call(ground, 'DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, { gracePeriodSeconds: 0 });
  };
  return {
    ground,
    namespace,
    end,
    pod: async ({ name, owner = 'ReplicaSet/web', labels = {}, annotations = {}, phase = 'Running', ...wish }) => {
      const pods = `/api/v1/namespaces/${wish.namespace ?? namespace}/pods`;
      await post(ground, pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name,
          namespace: wish.namespace ?? namespace,
          labels: { ...labels },
          annotations: { ...annotations, ...(wish.stubborn === true && { [STUBBORN]: 'true' }) },
          ...(owner !== null && { ownerReferences: [ownerOf(owner)] }),
        },
        spec: {
          nodeName: wish.node ?? 'n1',
          containers: [{ name: 'main', image: 'registry.example.org/main:1' }],
          volumes: wish.emptyDir === true ? [{ name: 'cache', emptyDir: {} }] : [],
          terminationGracePeriodSeconds: 30,
        },
        status: { phase: 'Pending' },
      });
      const status = { phase, conditions: [{ type: 'Ready', status: phase === 'Running' && wish.ready !== false ? 'True' : 'False' }] };
      await call(ground, 'PATCH', `${pods}/${name}/status`, { status });
    },
    budget: async (name, labels, minAvailable) => {
      const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
      await post(ground, budgets, {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name, namespace },
        spec: { minAvailable, selector: { matchLabels: { ...labels } } },
      });
      for (let turn = 0; turn < 600; turn += 1) {
        const budget = await call(ground, 'GET', `${budgets}/${name}`);
        if (field(budget, 'status', 'observedGeneration') === 1) return;
        await ground.clock.sleep(1000, within.signal);
      }
      throw new Error(`nobody minds the budget ${name}`);
    },
    daemonSet: async (name) => {
      const labels = { app: name };
      const spec = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'registry.example.org/main:1' }] } };
      await post(ground, `/apis/apps/v1/namespaces/${namespace}/daemonsets`, {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name, namespace },
        spec: { selector: { matchLabels: labels }, template: spec },
      });
    },
    on: async (name) => {
      const list = items(await call(ground, 'GET', `/api/v1/namespaces/${namespace}/pods?fieldSelector=spec.nodeName%3D${name}`));
      return list.map((one) => `${metadata(one, 'deletionTimestamp') === '' ? '' : '-'}${metadata(one, 'name')}`).toSorted();
    },
    run: async (steps, meddle) => {
      const journal = memoryJournal(() => ground.clock.now());
      const began = ground.clock.now();
      for (let turn = 1; turn < 500; turn += 1) {
        const ended = await holdOnce(ground, journal, steps, turn);
        const over = ended.kind !== 'waiting' || ended.wakeInMs === null;
        const events = await journal.read('r1', 'n1');
        if (over) return { ended, events, tookMs: ground.clock.now() - began };
        await meddle?.(journal, turn);
        await ground.clock.sleep(ended.wakeInMs, within.signal);
      }
      throw new Error('the drain did not come to an end in 500 holds');
    },
  };
};
