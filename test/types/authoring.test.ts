import { expect, expectTypeOf, test } from 'vitest';
import {
  type Change,
  type Duration,
  type Node,
  change,
  cordon,
  disruption,
  gate,
  known,
  nodeReady,
  reboot,
  runbook,
  service,
  sh,
  z,
} from '../../src/index.ts';

/*
 * What the types refuse, held by `tsc --noEmit`: each `@ts-expect-error` is an error itself as soon as the line below it is none.
 * Nothing here is called, so that only the types count.
 */
const look = { title: 'x', wish: 1, observe: () => known(0), unmet: (now: number) => (now === 1 ? [] : ['it is not 1']) } as const;
const parts = { id: 'x', ...look, apply: () => [], rollback: () => [] } as const;
const seen = gate({ id: 'seen', ...look });
const head = {
  name: 'x',
  summary: 'X.',
  version: 1,
  params: z.object({ max: z.number().default(1), mode: z.enum(['slow', 'fast']).default('slow') }),
  vars: z.object({ address: z.cidrv4() }),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
} as const;

const refused = {
  steps: () => [
    // @ts-expect-error a change says how it is taken back
    change({ id: 'x', ...look, apply: () => [] }),
    // @ts-expect-error a change says how it is made
    change({ id: 'x', ...look, rollback: () => [] }),
    // @ts-expect-error what takes effect at a boot has to be proven
    change({ ...parts, takesEffect: 'boot' }),
    // @ts-expect-error what takes effect at a reload has to be proven
    change({ ...parts, takesEffect: 'reload' }),
    // @ts-expect-error a proof is a gate: it never acts
    change({ ...parts, takesEffect: 'boot', proof: service.stopped('kubelet') }),
    // @ts-expect-error a gate never acts
    gate({ id: 'x', ...look, apply: () => [] }),
    // @ts-expect-error what is unmet is said in words
    gate({ id: 'x', ...look, unmet: (now: number) => now === 1 }),
    // @ts-expect-error a state is judged as the fact gives it
    gate({ id: 'x', ...look, unmet: (now: { ready: boolean }) => (now.ready ? [] : ['no']) }),
    // @ts-expect-error a step has an id
    gate(look),
    // @ts-expect-error a command is no text: sh quotes every value
    change({ ...parts, apply: () => ['systemctl stop kubelet'] }),
    // @ts-expect-error a shell does not take an object
    sh`echo ${{ a: 1 }}`,
  ],
  times: () => [
    // @ts-expect-error a time has a unit
    reboot({ within: '15' }),
    // @ts-expect-error a time is no number
    nodeReady({ within: 300 }),
    // @ts-expect-error a reboot has a bound
    reboot({}),
    // @ts-expect-error there are no weeks
    service.running('kubelet', { within: '1w' }),
  ],
  brackets: () => [
    // @ts-expect-error a gate opens nothing
    disruption({ open: [seen], inner: [], close: [] }),
    // @ts-expect-error a reboot opens nothing
    disruption({ open: [reboot({ within: '5m' })], inner: [], close: [] }),
    // @ts-expect-error a bracket stands in no other
    disruption({ open: [], inner: [disruption({ open: [], inner: [], close: [] })], close: [] }),
    // @ts-expect-error what is opened is closed
    disruption({ open: [cordon()], inner: [] }),
    // @ts-expect-error cordon is a function that makes the step
    disruption({ open: [cordon], inner: [], close: [] }),
  ],
  runbooks: () => [
    // @ts-expect-error there is no such parameter
    runbook({ ...head, steps: ({ params }) => [service.running(params.unit)] }),
    // @ts-expect-error a parameter has the type of its schema
    runbook({ ...head, steps: ({ params }) => [service.running(params.max)] }),
    // @ts-expect-error there is no such var
    runbook({ ...head, steps: ({ vars }) => [service.running(vars.newAddress)] }),
    // @ts-expect-error a failed node is left or taken back
    runbook({ ...head, onFailure: 'ignore', steps: () => [] }),
    // @ts-expect-error a rollout says how many nodes may be away
    runbook({ ...head, rollout: { canary: 1, maxFailures: 0 }, steps: () => [] }),
    // @ts-expect-error steps are steps, and not functions that make them
    runbook({ ...head, steps: () => [cordon] }),
    // @ts-expect-error what runs once has no bracket
    runbook({ ...head, steps: () => [], afterRun: () => [disruption({ open: [], inner: [], close: [] })] }),
  ],
};

test('params, vars and node have their types in the steps of a runbook', () => {
  const made = runbook({
    ...head,
    steps: ({ params, vars, node }) => {
      expectTypeOf(params).toEqualTypeOf<{ max: number; mode: 'slow' | 'fast' }>();
      expectTypeOf(vars).toEqualTypeOf<{ address: string }>();
      expectTypeOf(node).toEqualTypeOf<Node>();
      return [];
    },
    afterRun: (params) => {
      expectTypeOf(params.mode).toEqualTypeOf<'slow' | 'fast'>();
      return [];
    },
  });
  expect(
    made.steps({
      params: { max: 1, mode: 'fast' },
      vars: { address: '192.0.2.1/24' },
      node: { name: 'n', addresses: [], labels: {}, vars: {} },
    }),
  ).toEqual([]);
});

test('a state is judged with the type that its fact gives, and a step of any state is a step', () => {
  const made = change({
    ...parts,
    observe: () => known({ size: 1 }),
    unmet: (now) => {
      expectTypeOf(now).toEqualTypeOf<{ size: number }>();
      return [];
    },
    takesEffect: 'boot',
    proof: seen,
  });
  expectTypeOf(made).toEqualTypeOf<Change>();
  expectTypeOf<'15m'>().toExtend<Duration>();
  expectTypeOf<'15'>().not.toExtend<Duration>();
  expect(Object.values(refused).every((one) => typeof one === 'function')).toBe(true);
});
