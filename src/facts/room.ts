import { type Fact, calling, deriving } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import { field, list, listed, text, texts } from './api-object.ts';
import { quantity } from './quantity.ts';

/** An amount of what a scheduler counts: `cpu` in thousandths of a core, `memory` in bytes. */
export type Amount = { readonly cpu: number; readonly memory: number };

/** A taint that keeps pods away. */
export type Taint = { readonly effect: string; readonly key: string; readonly value: string };

/** A node that pods may move to: what is left of it, by the requests of the pods that are there. */
export type RoomNode = {
  readonly free: Amount & { readonly pods: number };
  readonly labels: Readonly<Record<string, string>>;
  readonly name: string;
  readonly ready: boolean;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
};

/** What a pod asks of a node. `terms` are those of its required node affinity, null where it has none; one of them has to match. */
export type Demand = Amount & {
  readonly pod: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly terms: readonly Json[] | null;
  readonly tolerations: readonly Json[];
};

/** What the pods of a node ask, and what the other nodes have. */
export type Room = { readonly demands: readonly Demand[]; readonly nodes: readonly RoomNode[] };

const requestOf = (container: Json): Amount => ({
  cpu: Math.round(quantity(field(container, 'resources', 'requests', 'cpu')) * 1000),
  memory: quantity(field(container, 'resources', 'requests', 'memory')),
});
const sum = (amounts: readonly Amount[]): Amount => ({
  cpu: amounts.reduce((all, { cpu }) => all + cpu, 0),
  memory: amounts.reduce((all, { memory }) => all + memory, 0),
});

/** What a pod requests: its containers and sidecars together, or the greatest of its init containers, and its overhead. */
const requests = (pod: Json): Amount => {
  const init = list(field(pod, 'spec', 'initContainers'));
  const isSidecar = (one: Json): boolean => field(one, 'restartPolicy') === 'Always';
  const all = sum([...list(field(pod, 'spec', 'containers')), ...init.filter(isSidecar)].map(requestOf));
  const first = init.filter((one) => !isSidecar(one)).map(requestOf);
  const overhead = field(pod, 'spec', 'overhead');
  return sum([
    { cpu: Math.max(all.cpu, ...first.map(({ cpu }) => cpu)), memory: Math.max(all.memory, ...first.map(({ memory }) => memory)) },
    { cpu: Math.round(quantity(field(overhead, 'cpu')) * 1000), memory: quantity(field(overhead, 'memory')) },
  ]);
};

const demandOf = (pod: Json): Demand => {
  const terms = field(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  return {
    ...requests(pod),
    pod: `${text(field(pod, 'metadata', 'namespace'))}/${text(field(pod, 'metadata', 'name'))}`,
    selector: texts(field(pod, 'spec', 'nodeSelector')),
    terms: terms === null ? null : list(terms),
    tolerations: list(field(pod, 'spec', 'tolerations')),
  };
};

const nodeOf = (node: Json, pods: readonly Json[]): RoomNode => {
  const has = (what: string): number => quantity(field(node, 'status', 'allocatable', what));
  const used = sum(pods.map(requests));
  return {
    free: { cpu: Math.round(has('cpu') * 1000) - used.cpu, memory: has('memory') - used.memory, pods: has('pods') - pods.length },
    labels: texts(field(node, 'metadata', 'labels')),
    name: text(field(node, 'metadata', 'name')),
    ready: list(field(node, 'status', 'conditions')).some((one) => field(one, 'type') === 'Ready' && field(one, 'status') === 'True'),
    taints: list(field(node, 'spec', 'taints'))
      .map((one) => ({ effect: text(field(one, 'effect')), key: text(field(one, 'key')), value: text(field(one, 'value')) }))
      .filter(({ effect }) => effect !== 'PreferNoSchedule'),
    unschedulable: field(node, 'spec', 'unschedulable') === true,
  };
};

/** Puts the nodes and pods of a cluster together. */
const joinRoom = (name: string, { nodes, pods }: { readonly nodes: readonly Json[]; readonly pods: readonly Json[] }): Room => {
  const on = (node: Json): readonly Json[] =>
    pods.filter((pod) => field(pod, 'spec', 'nodeName') === field(node, 'metadata', 'name') && field(pod, 'spec', 'nodeName') !== null);
  return {
    demands: pods.filter((pod) => field(pod, 'spec', 'nodeName') === name).map(demandOf),
    nodes: nodes.filter((node) => field(node, 'metadata', 'name') !== name).map((node) => nodeOf(node, on(node))),
  };
};

/** Reads what the pods of a node ask of another one, and what the others have; by two calls, of which one lists all pods of the cluster that run. */
export const room = (node: string): Fact<Room> => {
  const running = encodeURIComponent('status.phase!=Succeeded,status.phase!=Failed');
  return deriving(
    {
      all: {
        nodes: calling({ via: 'kubernetes', method: 'GET', path: '/api/v1/nodes' }, (answer) => listed('the nodes', answer)),
        pods: calling({ via: 'kubernetes', method: 'GET', path: `/api/v1/pods?fieldSelector=${running}` }, (answer) =>
          listed('the pods of the cluster', answer),
        ),
      },
    },
    (parts: { readonly nodes: readonly Json[]; readonly pods: readonly Json[] }) => joinRoom(node, parts),
  );
};
