import type { NodeView } from '../model.ts';

/** What a node is at, in a word where it is at no step. */
export const atWords = ({ standing, step }: NodeView): string => {
  switch (standing) {
    case 'succeeded':
      return 'done';
    case 'rolled-back':
      return 'rolled back';
    case 'pending':
      return 'pending';
    case 'refused':
      return 'preflight';
    case 'cancelled':
      return step === undefined ? 'cancelled' : `cancelled at ${step}`;
    case 'waits':
    case 'failed':
    case 'parked':
    case 'paused':
    case 'running':
      return step ?? 'begins';
  }
};
