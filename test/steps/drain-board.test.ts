import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { StepContext } from '../../src/core/step.ts';
import { drain } from '../../src/steps/drain.ts';

const AT = '2023-11-14T22:13:50Z';
const pod = (name: string, ending: Json) => ({
  namespace: 'ci',
  name,
  uid: `uid-${name}`,
  ending,
  budgets: [],
  controller: { kind: 'ReplicaSet', name: 'web' },
  emptyDirs: [],
  job: null,
  mirror: false,
  orphan: false,
  phase: 'Running',
  ready: true,
  toleratesCordon: false,
});

/** Who the action of a drain says that keeps pods, so long behind the time that the first pod had to end. */
const blocked = (pods: readonly Json[], lateMs: number): unknown => {
  const ctx: StepContext = {
    runId: 'r1',
    node: { name: 'n1', addresses: [], labels: {}, vars: {} },
    awaiting: [],
    answers: {},
    direction: 'forward',
    nowMs: Date.parse(AT) + lateMs,
  };
  const now: Json = { budgets: {}, pods: [...pods] };
  const [action, ...more] = drain({}).apply(now, ctx, now);
  expect(more).toEqual([]);
  return action !== undefined && 'blocked' in action ? action.blocked : undefined;
};

test('a pod that is there a minute after its time to end is said to be kept, and by whom', () => {
  const late = pod('a', { at: AT, graceSeconds: 30 });
  const kept = [{ pod: 'ci/a', by: 'the kubelet or a finalizer', why: `it had 30 s to end, until ${AT}` }];
  expect(blocked([late], 59_999)).toEqual([]);
  expect(blocked([late], 60_000)).toEqual(kept);
  // also while others are still to be asked to go
  expect(blocked([late, pod('b', null)], 60_000)).toEqual(kept);
});
