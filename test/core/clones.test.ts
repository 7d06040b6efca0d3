import { describe, expect, it } from 'vitest';
import { advance } from '../../src/core/advance.ts';
import { type Known, clonesAmong } from '../../src/core/clones.ts';
import type { NodeRun } from '../../src/core/reduce.ts';
import { ended, specOf, stateOf, waiting } from './run-state.ts';

const machine = (node: string, machineId: string, productUuid: string | null, elsewhere = false): Known => ({
  node,
  identity: { machineId, productUuid },
  ...(elsewhere && { elsewhere: true as const }),
});
const way =
  'clones, which drover cannot tell apart; on all but one say rm /etc/machine-id && systemd-machine-id-setup, restart it, then drover forget NODE --pins';

describe('nodes with one machine-id', () => {
  it.each([
    [
      'with product uuids of their own',
      [machine('a', 'm1', 'u1'), machine('b', 'm1', 'u2')],
      `a and b have the same machine-id m1: ${way}; or run with --exclude b`,
    ],
    [
      'whose firmware tells none',
      [machine('a', 'm1', null), machine('b', 'm1', null)],
      `a and b have the same machine-id m1: ${way}; or run with --exclude b`,
    ],
    [
      'of which one has none',
      [machine('a', 'm1', 'u1'), machine('b', 'm1', null)],
      `a and b have the same machine-id m1: ${way}; or run with --exclude b`,
    ],
    [
      'and one product uuid',
      [machine('a', 'm1', 'U1'), machine('b', 'm1', 'u1'), machine('c', 'm2', 'u1')],
      'a and b have the same machine-id m1 and product uuid: one machine under several names; take the wrong name out of fleet.yaml, or run with --exclude b',
    ],
    [
      'of which one is none of the run',
      [machine('a', 'm1', 'u1'), machine('b', 'm1', 'u2'), machine('z', 'm1', 'u3', true)],
      `a, b and z (not in this run) have the same machine-id m1: ${way}; or run with --exclude a --exclude b`,
    ],
  ] as const)('are named, %s', (_, known, words) => {
    expect(clonesAmong(known)).toEqual([words]);
  });

  it('are no matter where all of them are elsewhere, and one product uuid alone is none', () => {
    expect(clonesAmong([machine('a', 'm1', 'u1'), machine('y', 'm2', 'u2', true), machine('z', 'm2', 'u3', true)])).toEqual([]);
    expect(clonesAmong([machine('a', 'm1', 'u1'), machine('b', 'm2', 'u1')])).toEqual([]);
  });
});

describe('a run', () => {
  const as = (machineId: string, more: Partial<NodeRun> = {}): NodeRun => ({
    ...waiting,
    identity: { hostKey: 'SHA256:x', machineId, productUuid: null },
    ...more,
  });
  const three = specOf(3);

  it('is refused for clones when all nodes have told who they are, and not before', () => {
    const { preflight: _preflight, ...unasked } = as('m2');
    expect(advance(stateOf(three, { n1: as('m1'), n2: unasked, n3: as('m1') }))).toEqual({ do: 'work', nodes: ['n2'] });
    expect(advance(stateOf(three, { n1: as('m1'), n2: as('m2'), n3: as('m1') }))).toEqual({
      do: 'finish',
      outcome: 'refused',
      why: `n1 and n3 have the same machine-id m1: ${way}; or run with --exclude n3; nothing was touched`,
    });
  });

  it('names clones beside the gates that do not hold', () => {
    const nodes = { n1: as('m1'), n2: as('m2', { preflight: ['n2: disk full'] }), n3: as('m1') };
    expect(advance(stateOf(three, nodes))).toMatchObject({
      outcome: 'refused',
      why: expect.stringMatching(/^n2: disk full; n1 and n3 have .*; nothing was touched: mend it, or begin without: --exclude n2$/),
    });
  });

  it('goes on without a clone that a person took out before it began', () => {
    const { plan: _plan, ...out } = ended('cancelled', { identity: { hostKey: 'SHA256:y', machineId: 'm1', productUuid: null } });
    expect(advance(stateOf(specOf(2), { n1: as('m1'), n2: out }))).toMatchObject({ do: 'admit', nodes: { n1: 0 } });
  });
});
