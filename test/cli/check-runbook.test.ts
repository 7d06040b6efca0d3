import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runbooks } from '../../runbooks/index.ts';
import { checkRunbook } from '../../src/cli/check-runbook.ts';
import { change, cordon, disruption, known, reboot, runbook, service, uncordon, UsageError, nodeReady } from '../../src/index.ts';

const head = {
  name: 'sample',
  summary: 'A sample.',
  version: 1,
  params: z.object({}),
  vars: z.object({}),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
} as const;
const ask = change({
  id: 'ask',
  title: 'ask',
  wish: 1,
  asks: true,
  observe: () => known(null),
  unmet: () => [],
  apply: () => [],
  rollback: () => [],
});

describe("drover's own runbooks", () => {
  test.each(runbooks.map((one) => [one.name, one] as const))('%s has nothing that will hurt one day', (_name, own) => {
    const { findings, checked } = checkRunbook(own);
    expect(findings).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  test('the path that needs more than a guess is laid out when it is told', () => {
    const migrate = runbooks.find(({ name }) => name === 'migrate-runner-node');
    const paths = [[], ['deadman=off', 'move=none'], ['move=command', 'moveCommand=["govc","{vm}"]', 'newNetwork=a', 'oldNetwork=b']];
    for (const sets of paths) {
      const found = migrate && checkRunbook(migrate, sets);
      expect(found?.findings).toEqual([]);
      expect(found?.checked).toBeGreaterThan(6);
    }
  });
});

describe('the check of a runbook', () => {
  test('goes down each path that an enum or a boolean opens, and names the choices that lead to a finding', () => {
    const made = runbook({
      ...head,
      params: z.object({
        mode: z.enum(['quick', 'careful', 'blind']).default('careful'),
        asks: z.boolean().default(false),
        at: z.ipv4(),
        mtu: z.int().min(1280),
        names: z.array(z.string().min(3)).min(2),
      }),
      vars: z.object({ address: z.cidrv4(), drained: z.boolean().default(true) }),
      steps: ({ params, vars }) => [
        disruption({
          open: [cordon()],
          inner: [service.running(params.names.join(params.at)), reboot({ within: '15m' }), ...(params.asks ? [ask] : [])],
          close: [...(params.mode === 'careful' ? [nodeReady({ within: '5m' })] : []), ...(vars.drained ? [uncordon()] : [])],
        }),
      ],
    });
    const { findings, unchecked, checked } = checkRunbook(made);
    expect(findings.map(({ rule, step, when }) => ({ rule, step, when }))).toEqual([
      { rule: 'not-ready', step: 'uncordon', when: [['mode=quick'], ['mode=blind']] },
      { rule: 'unbounded', step: 'ask', when: [['asks=true']] },
      { rule: 'cordoned', step: 'cordon', when: [['vars.drained=false']] },
    ]);
    expect([unchecked, checked]).toEqual([[], 5]);
  });

  test('finds by the defaults what is so whatever is chosen, and says it once', () => {
    const made = runbook({
      ...head,
      params: z.object({ dry: z.boolean().default(false) }),
      steps: () => [cordon()],
      afterRun: () => [ask],
    });
    expect(checkRunbook(made).findings.map(({ rule, when }) => [rule, when])).toEqual([
      ['cordoned', [[]]],
      ['unbounded', [[]]],
    ]);
  });

  test('lays out with what --set gives, and says which it cannot guess', () => {
    const made = runbook({
      ...head,
      params: z.object({ ticket: z.string().regex(/^OPS-\d+$/) }),
      steps: ({ params }) => (params.ticket === 'OPS-1' ? [cordon()] : []),
    });
    expect(checkRunbook(made)).toMatchObject({
      checked: 0,
      unchecked: [{ when: [[]], why: expect.stringMatching(/^parameter ticket is missing.*--set ticket=/) }],
    });
    expect(checkRunbook(made, ['ticket=OPS-1']).findings).toMatchObject([{ rule: 'cordoned', step: 'cordon' }]);
    expect(checkRunbook(made, ['ticket=OPS-2'])).toMatchObject({ checked: 1, findings: [] });
    expect(() => checkRunbook(made, ['tickt=OPS-2'])).toThrow(/no parameter tickt; did you mean ticket/);
    const vars = runbook({ ...head, vars: z.object({ serial: z.string().regex(/^S\d$/) }), steps: () => [] });
    expect(checkRunbook(vars)).toMatchObject({
      checked: 0,
      unchecked: [{ why: expect.stringMatching(/vars cannot be guessed.*examples/) }],
    });
    const shown = {
      ...vars,
      vars: z.object({
        serial: z
          .string()
          .regex(/^S\d$/)
          .meta({ examples: ['S1'] }),
      }),
    };
    expect(checkRunbook(shown)).toMatchObject({ checked: 1, unchecked: [] });
  });

  test('tells a runbook that refuses values in words from one that breaks', () => {
    const breaks = (error: Error, params = z.object({})) =>
      runbook({
        ...head,
        params,
        steps: () => {
          throw error;
        },
      });
    const refusing = new UsageError('not those');
    // of values that were guessed, nobody knows whether they are to be had
    expect(checkRunbook(breaks(refusing, z.object({ size: z.number() })))).toMatchObject({
      findings: [],
      checked: 0,
      unchecked: [{ why: expect.stringContaining('not those') }],
    });
    const bug = [{ rule: 'throws', step: null, when: [[]] }];
    expect(checkRunbook(breaks(refusing)).findings).toMatchObject(bug);
    expect(checkRunbook(breaks(new TypeError('x is undefined'))).findings).toMatchObject(bug);
  });

  test('takes the examples of what may be left out where a choice needs it', () => {
    const by = runbook({
      ...head,
      params: z
        .object({
          how: z.enum(['hand', 'program']).default('hand'),
          program: z
            .string()
            .optional()
            .meta({ examples: ['/bin/move'] }),
        })
        .refine(({ how, program }) => how === 'hand' || program !== undefined, { path: ['program'], message: 'is missing' }),
      steps: () => [],
    });
    expect(checkRunbook(by)).toMatchObject({ unchecked: [], findings: [] });
  });
});
