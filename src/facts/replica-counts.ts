import { type CallFact, type Fact, calling, deriving } from '../core/fact.ts';
import { field, listed, number, text } from './api-object.ts';

/** How many pods a controller is to have, and how many of them are Ready, by `KIND NAMESPACE/NAME`; those that are to have none are left out. */
export type ReplicaCounts = Readonly<Record<string, { readonly desired: number; readonly ready: number }>>;

/** The key of a controller. */
export const controllerKey = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;

const counts = (kind: string, resource: string): CallFact<ReplicaCounts> =>
  calling({ via: 'kubernetes', method: 'GET', path: `/apis/apps/v1/${resource}?resourceVersion=0` }, (response) =>
    Object.fromEntries(
      listed(`the ${resource}`, response).flatMap((one) => {
        const desired = number(field(one, 'spec', 'replicas')) ?? 1;
        const ready = number(field(one, 'status', 'readyReplicas')) ?? 0;
        const key = controllerKey(kind, text(field(one, 'metadata', 'namespace')), text(field(one, 'metadata', 'name')));
        return desired === 0 ? [] : [[key, { desired, ready }]];
      }),
    ),
  );

/** Reads the counts of all ReplicaSets and StatefulSets, from the API server's cache. */
export const replicaCounts = (): Fact<ReplicaCounts> =>
  deriving<{ readonly replicaSets: ReplicaCounts; readonly statefulSets: ReplicaCounts }, ReplicaCounts>(
    { all: { replicaSets: counts('ReplicaSet', 'replicasets'), statefulSets: counts('StatefulSet', 'statefulsets') } },
    ({ replicaSets, statefulSets }) => ({ ...replicaSets, ...statefulSets }),
  );
