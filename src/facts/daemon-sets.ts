import { type CallFact, calling } from '../core/fact.ts';
import { field, listed, text } from './api-object.ts';

/** Reads the DaemonSets of the cluster as `NAMESPACE/NAME`. */
export const daemonSets = (): CallFact<readonly string[]> =>
  calling({ via: 'kubernetes', method: 'GET', path: '/apis/apps/v1/daemonsets' }, (response) =>
    listed('the DaemonSets', response).map((one) => `${text(field(one, 'metadata', 'namespace'))}/${text(field(one, 'metadata', 'name'))}`),
  );
