import type { Json } from '../core/json.ts';
import { type CallFact, calling } from '../core/fact.ts';
import { field, listed, text } from './api-object.ts';

/** When a pod was made (RFC 3339), whether it is on the network of its node, and at which address it is: another one means another sandbox. */
export type PodBirth = { readonly created: string; readonly hostNetwork: boolean; readonly ip: string; readonly pod: string };

/** Reads `PodBirth` of each pod of a node, by uid. */
export const podBirths = (node: string): CallFact<Readonly<Record<string, PodBirth>>> =>
  calling(
    { via: 'kubernetes', method: 'GET', path: `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}` },
    (response) =>
      Object.fromEntries(
        listed(`the pods of ${node}`, response).map((pod: Json): [string, PodBirth] => [
          text(field(pod, 'metadata', 'uid')),
          {
            created: text(field(pod, 'metadata', 'creationTimestamp')),
            hostNetwork: field(pod, 'spec', 'hostNetwork') === true,
            ip: text(field(pod, 'status', 'podIP')),
            pod: `${text(field(pod, 'metadata', 'namespace'))}/${text(field(pod, 'metadata', 'name'))}`,
          },
        ]),
      ),
  );
