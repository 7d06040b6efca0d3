import { describe, expect, it } from 'vitest';
import { type Plan, layOut } from '../../src/core/plan.ts';
import { disruption } from '../../src/core/step.ts';
import { address } from '../../src/steps/address.ts';
import { reload } from '../../src/steps/reload.ts';
import { service } from '../../src/steps/service.ts';
import { NEW, OLD, boots, guardWorld, only } from './guard-world.ts';

const THERE = '10.77.0.99';
/** Changes the address without a boot. */
const inPlace = (to: string, gateway: string): Plan =>
  layOut([
    disruption({
      open: [service.stopped('kubelet')],
      inner: [
        address({ connection: 'ens192', address: `${to}/24`, gateway, inPlace: true }),
        reload('ens192', { within: '20m', deadman: '60s' }),
      ],
      close: [service.running('kubelet')],
    }),
  ]);

describe('an address that is changed in place', () => {
  it('is guarded, proven and confirmed at the new one over a new connection, without a boot', async () => {
    const world = guardWorld({ plan: inPlace(THERE, '10.77.0.1') });
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([world.live(), boots(world), world.machine.deadman]).toEqual([[THERE], 0, null]);
    const told = await world.told();
    expect(only(told, 'guard.')).toEqual(['guard.arming reload:ens192', 'guard.armed reload:ens192', 'guard.confirmed reload:ens192']);
    expect(told.indexOf('guard.armed reload:ens192')).toBeLessThan(told.indexOf('step.started address:ens192'));
    expect(told.indexOf('guard.confirmed reload:ens192')).toBeGreaterThan(told.indexOf('step.verified address:ens192:live'));
  });

  it('is done once: a second run finds it so and does nothing', async () => {
    const world = guardWorld({ plan: inPlace(OLD, '10.77.0.1') });
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(only(await world.told(), 'step.started')).toEqual([]);
  });

  it('is taken back by the node where nothing answers at the new one, and drover says so; the way back then has no boot either', async () => {
    const world = guardWorld({ plan: inPlace(NEW, '10.77.1.1') });
    expect(await world.work(1200)).toMatchObject({ kind: 'waiting', wakeInMs: null, waitsFor: expect.stringContaining('gone back') });
    expect([world.live(), boots(world)]).toEqual([[OLD], 0]);
    await world.say({ type: 'rollback', by: 'ann' });
    expect(await world.work(1200)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.live(), boots(world), world.machine.deadman]).toEqual([[OLD], 0, null]);
  });

  it('goes back when the run is rolled back, under guard the other way', async () => {
    const world = guardWorld({ plan: inPlace(THERE, '10.77.0.1') });
    await world.work(600);
    await world.say({ type: 'rollback', by: 'ann' });
    expect(await world.work(1200)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.live(), boots(world), world.machine.deadman]).toEqual([[OLD], 0, null]);
    expect(only(await world.told(), 'guard.').slice(3)).toEqual([
      'guard.arming undo.reload:ens192',
      'guard.armed undo.reload:ens192',
      'guard.confirmed undo.reload:ens192',
    ]);
  });

  it('goes back outside of a bracket as well', async () => {
    const there = address({ connection: 'ens192', address: `${THERE}/24`, gateway: '10.77.0.1', inPlace: true });
    const world = guardWorld({ plan: layOut([there, reload('ens192', { within: '20m', deadman: '60s' })]) });
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    await world.say({ type: 'rollback', by: 'ann' });
    expect(await world.work(1200)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.live(), boots(world), world.machine.deadman]).toEqual([[OLD], 0, null]);
  });

  it('needs a reload behind it', () => {
    expect(() => layOut([address({ connection: 'e', address: '10.0.0.2/24', gateway: '10.0.0.1', inPlace: true })])).toThrow(
      /add reload\(\)/,
    );
  });
});
