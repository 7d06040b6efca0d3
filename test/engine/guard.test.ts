import { describe, expect, it } from 'vitest';
import { START, runOn } from '../sim/box.ts';
import { NEW, OLD, boots, guardWorld, moved, only } from './guard-world.ts';

describe('a guarded move', () => {
  it('is armed before the first change at stake and confirmed over a new connection when all proofs hold, before anything goes on', async () => {
    const world = guardWorld();
    moved(world, 120);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const told = await world.told();
    const at = (line: string): number => told.indexOf(line);
    expect(at('guard.armed reboot')).toBeLessThan(at('step.started kernel-modules:/etc/modules-load.d/iptable_nat.conf'));
    expect(only(told, 'guard.')).toEqual(['guard.arming reboot', 'guard.armed reboot', 'guard.confirmed reboot']);
    expect(at('guard.confirmed reboot')).toBeGreaterThan(at('step.verified address:ens192:live'));
    expect(at('guard.confirmed reboot')).toBeLessThan(
      told.findIndex((line) => /^step\.(started|skipped) service:kubelet:running/.test(line)),
    );
    expect([world.live(), boots(world), world.machine.deadman]).toEqual([[NEW], 1, null]);
    const confirm = world.calls.indexOf('drover_deadman_confirm reboot');
    expect(world.calls.slice(confirm - 2, confirm)).toEqual(['drop', `connect ${NEW}`]);
    expect(world.calls.slice(0, 2)).toEqual(['systemctl stop', 'drover_deadman_arm reboot']);
  });

  it('comes about, with one reboot, when the VM is moved and nobody restarts it: the node does so itself', async () => {
    const world = guardWorld();
    moved(world, 120, { restart: false });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([world.live(), boots(world), only(await world.told(), 'guard.')]).toEqual([
      [NEW],
      1,
      ['guard.arming reboot', 'guard.armed reboot', 'guard.confirmed reboot'],
    ]);
  });

  it('is taken back when the VM is restarted and not moved: drover says so and waits for a word, then does it again', async () => {
    const world = guardWorld();
    world.after(60, () => world.reset());
    const ended = await world.work(3600);
    expect(ended).toMatchObject({
      kind: 'waiting',
      wakeInMs: null,
      waitsFor: expect.stringMatching(/gone back to its old address.*drover replay r1 n1/),
    });
    expect([world.live(), boots(world)]).toEqual([[OLD], 1]);
    expect(world.now() - START).toBeLessThan((60 + 30 + 90) * 1000);
    // asked once more without a word, it stays where it is
    expect(await world.work(600)).toEqual(ended);
    await world.say({ type: 'resume', by: 'ann' });
    moved(world, 100);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const told = await world.told();
    expect(only(told, 'guard.')).toEqual([
      'guard.arming reboot',
      'guard.armed reboot',
      'guard.reverted reboot',
      'guard.arming reboot',
      'guard.armed reboot',
      'guard.confirmed reboot',
    ]);
    expect([world.live(), boots(world), only(told, 'step.started address').length]).toEqual([[NEW], 2, 2]);
    const attempts = (await world.events()).flatMap((event) =>
      event.type === 'step.started' && event.step === 'reboot' ? [event.attempt] : [],
    );
    expect(attempts).toEqual([1, 2]);
  });

  it('is done again as well when a person says replay, which is the word for what went wrong', async () => {
    const world = guardWorld();
    world.after(60, () => world.reset());
    await world.say({ type: 'replay', by: 'too early' });
    expect(await world.work(3600)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    await world.say({ type: 'replay', by: 'ann' });
    moved(world, 100);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([world.live(), boots(world), only(await world.told(), 'guard.').at(-1)]).toEqual([[NEW], 2, 'guard.confirmed reboot']);
  });

  it('comes back at the old address when the new one is mistyped: its gateway answers, and drover cannot reach it', async () => {
    const world = guardWorld({ network: null, newAddress: '10.78.1.11', byPerson: false });
    expect(await world.work(3600)).toMatchObject({
      kind: 'waiting',
      waitsFor: expect.stringContaining('offers the old address for a while'),
    });
    expect([world.live(), boots(world)]).toEqual([[OLD], 1]);
  });

  it('stays at the new address while drover is dead for three times the deadline, and is confirmed when it is back', async () => {
    const world = guardWorld();
    moved(world, 60);
    expect(await world.work(58)).toBeUndefined();
    await world.pass(240);
    expect(world.live()).toEqual([NEW]);
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(only(await world.told(), 'guard.')).toEqual(['guard.arming reboot', 'guard.armed reboot', 'guard.confirmed reboot']);
  });

  it('alternates on a network where no gateway answers, and is found as soon as it is on a right one', async () => {
    for (const network of ['services', 'ci'] as const) {
      const world = guardWorld();
      moved(world, 60, { network: 'dark' });
      expect(await world.work(1200)).toBeUndefined();
      world.move(network);
      const ended = await world.work(120);
      if (network === 'services') expect([ended, world.live()]).toEqual([{ kind: 'finished', outcome: 'succeeded' }, [NEW]]);
      else expect([ended?.kind, world.live()]).toEqual(['waiting', [OLD]]);
    }
  });

  it('is not confirmed by another machine that answers at the new address, and no command reaches that one', async () => {
    for (const kind of ['host-key', 'machine-id', 'product-uuid'] as const) {
      const world = guardWorld();
      world.machine.faults.strangerAfterBoot = kind;
      moved(world, 60);
      expect(await world.work(400)).toBeUndefined();
      const stranger = world.world.strangers.get('n1');
      expect([stranger?.address, stranger?.machine.commands, stranger?.machine.refusals]).toEqual([NEW, [], []]);
      expect(only(await world.told(), 'guard.')).toEqual(['guard.arming reboot', 'guard.armed reboot']);
    }
  });

  it('is guarded the same way on the way back', async () => {
    const world = guardWorld();
    moved(world, 60);
    await world.work(3600);
    await world.say({ type: 'rollback', by: 'ann' });
    moved(world, 100, { network: 'ci' });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.live(), only(await world.told(), 'guard.').slice(3)]).toEqual([
      [OLD],
      ['guard.arming undo.reboot', 'guard.armed undo.reboot', 'guard.confirmed undo.reboot'],
    ]);
  });

  it('comes back to the new address when the way back is not moved, for the node is at work there', async () => {
    const world = guardWorld();
    moved(world, 60);
    await world.work(3600);
    await world.say({ type: 'rollback', by: 'ann' });
    world.after(100, () => world.reset());
    expect(await world.work(3600)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    expect([world.live(), only(await world.told(), 'guard.').at(-1)]).toEqual([[NEW], 'guard.reverted undo.reboot']);
  });

  it('is armed again on the boot that runs when the power goes between the arming and the move, and nothing is lost', async () => {
    const world = guardWorld();
    world.after(30, () => world.reset());
    moved(world, 200);
    // the reset counts as the boot: nobody has moved the VM, so the old configuration comes back
    expect(await world.work(3600)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    await world.say({ type: 'resume', by: 'ann' });
    moved(world, 300);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(world.live()).toEqual([NEW]);
  });

  it('is in the plan that is shown: armed with the first change at stake, confirmed behind the reboot', async () => {
    const steps = await guardWorld({ byPerson: false }).preview();
    const actions = steps.map(({ forecast }) =>
      forecast.kind === 'acts' ? forecast.actions.map((one) => one.split(' ').slice(0, 2).join(' ')) : [],
    );
    expect(actions).toEqual([
      [],
      ['systemctl stop'],
      ['drover_deadman_arm reboot', 'drover_write /etc/modules-load.d/iptable_nat.conf'],
      [expect.stringMatching(/^drover_snapshot /)],
      ['systemctl reboot', 'drover_deadman_confirm reboot'],
      [],
      [],
      [],
    ]);
    const settled = await guardWorld({ at: NEW, network: 'services', byPerson: false }).preview();
    expect(JSON.stringify(settled)).not.toContain('drover_deadman');
  });

  it('stays under guard when a person cancels it, which the end says; the node comes back by itself', async () => {
    const world = guardWorld();
    world.after(60, () => void world.say({ type: 'cancel', by: 'ann' }));
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect((await world.events()).at(-1)).toMatchObject({
      why: expect.stringMatching(/guard on the node is still armed.*rm .var.lib.drover.armed/),
    });
    world.reset();
    await world.pass(300);
    expect([world.live(), world.machine.deadman === null]).toEqual([[OLD], false]);
  });

  it('needs no guard on a node that is at its new address already and only lacks something else', async () => {
    const world = guardWorld({ at: NEW, network: 'services', byPerson: false });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([world.live(), boots(world), only(await world.told(), 'guard.')]).toEqual([[NEW], 1, []]);
  });

  it('is refused where the new address was configured before and nothing tells the way back', async () => {
    const world = guardWorld({ byPerson: false });
    runOn(world.machine, `nmcli connection modify ens192 ipv4.addresses ${NEW}/24 ipv4.gateway 10.77.1.1`);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    const failed = (await world.events()).flatMap((event) => (event.type === 'step.failed' ? [event.error.message] : []));
    expect(failed).toEqual([expect.stringMatching(/was configured before this run.*would not know the way back/)]);
    expect([world.live(), boots(world)]).toEqual([[OLD], 0]);
  });

  it('is not begun where the guard cannot be set', async () => {
    const world = guardWorld();
    world.machine.faults.noSystemd = true;
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    const told = await world.told();
    expect([only(told, 'guard.'), only(told, 'step.started')]).toEqual([['guard.arming reboot'], ['step.started service:kubelet:stopped']]);
  });
});
