import { describe, expect, test } from 'vitest';
import { advanceGuard, startGuard, wakeGuard } from '../../src/sim/node/deadman.ts';
import { layGuard, readGuard, writeGuard } from '../../src/sim/node/deadman-files.ts';
import { lookUp, textFile } from '../../src/sim/node/files.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { findProfile, liveAddresses } from '../../src/sim/node/network.ts';
import { advancePower, reset } from '../../src/sim/node/power.ts';
import { setting } from '../../src/sim/node/profile.ts';
import { type Link, NEW, OLD, arm, boot, change, makeBox, timesOf } from '../channels/ssh/deadman/box.ts';
import { START, box, runOn } from './box.ts';

const RUN = '/var/lib/drover/run-1';
const MODULES = '/etc/modules-load.d/iptable_nat.conf';

/** A simulated machine with its guard armed and its connection changed. */
const armed = (): Machine => {
  const machine = box({ distro: 'debian12' });
  const profile = findProfile(machine.network, 'ens192');
  const { wait, moved, stay, turn } = timesOf(60_000);
  const uuid = profile ? setting(profile, 'connection.uuid') : '';
  const file = profile?.file ?? '';
  const move = `${uuid} ens192 ${OLD.address} ${OLD.gateway} ${NEW.address} ${NEW.gateway} ${wait} ${moved} ${stay} ${turn} ${file}`;
  expect(layGuard(machine, { runDir: RUN, name: 'reboot', source: 'run', upSeconds: 0 }, move, [file, MODULES])).toBeUndefined();
  startGuard(machine, START);
  runOn(machine, `nmcli connection modify ens192 ipv4.addresses ${NEW.address} ipv4.gateway ${NEW.gateway}`);
  machine.files.entries.set(MODULES, textFile('iptable_nat\n'));
  return machine;
};

type Seen = readonly (readonly [second: number, address: string])[];

/** Which address the simulated machine has from when on, in seconds of its uptime; the first is what it boots with. */
const simulated = (link: Link, until: number, restarted = true): Seen => {
  const machine = armed();
  if (restarted) {
    reset(machine, START + 100_000);
    advancePower(machine, START + 200_000);
  }
  const seen: [number, string][] = [];
  const from = machine.bootedAt;
  for (let second = 0; second <= until; second += 1) {
    const there =
      link
        .findLast(([since]) => second >= since)
        ?.slice(1)
        .map(String) ?? [];
    const answers = (address: string): boolean => there.includes(address);
    if (link.some(([since]) => since === second)) wakeGuard(machine, from + second * 1000);
    if (advanceGuard(machine, { gateway: answers, taken: answers }, from + second * 1000)) seen.push([second, 'reboot']);
    const [address = ''] = liveAddresses(machine.network);
    if (seen.at(-1)?.[1] !== address && seen.at(-1)?.[1] !== 'reboot') seen.push([second, address]);
  }
  return seen;
};

/** The same of the script that lies on a real node. */
const scripted = async (link: Link, until: number, restarted = true): Promise<Seen> => {
  using node = makeBox('debian', ['dash']);
  await arm(node);
  change(node);
  // its guard starts ten seconds after the boot, and where it does not boot after a hundred
  const head = restarted ? 10 : 0;
  const later = link.map(([since, ...answering]): Link[number] => [since === 0 ? 0 : since + head, ...answering]);
  const { log } = boot(node, { link: later, until: until + head, ...(!restarted && { sameBoot: true as const }) });
  const first = restarted ? NEW.address : OLD.address;
  return [[0, first], ...log.map((line): [number, string] => [Number.parseInt(line) - head, line.split(' ').at(-1) ?? ''])].map(
    ([second, address]): [number, string] => [Number(second), String(address).split('/')[0] ?? ''],
  );
};

describe('the guard of a simulated machine and the script on a real one', () => {
  const [o, n] = [OLD.gateway, NEW.gateway];
  test.each<[string, Link, number]>([
    ['the VM was not moved', [[0, o]], 300],
    ['nobody confirms at the new place', [[0, n]], 700],
    ['no gateway answers, then the old one does', [[0], [150, o]], 300],
    ['no gateway answers, then the new one does', [[0], [150, n]], 300],
    [
      'another machine has the old address',
      [
        [0, o, OLD.address.split('/')[0] ?? ''],
        [200, o],
      ],
      300,
    ],
  ])('go the same ways at the same times when %s', async (_what, link, until) => {
    const [sim, real] = [simulated(link, until), await scripted(link, until)];
    expect(sim.map(([, address]) => address)).toEqual(real.map(([, address]) => address));
    // both look every three seconds, not at the same moments
    for (const [index, [second]] of sim.entries()) expect(Math.abs(second - (real[index]?.[0] ?? 0))).toBeLessThan(4 + 3 * index);
  });

  test('restart it once when the VM was moved and not restarted', async () => {
    const link: Link = [[0, o], [150], [200, n]];
    const sim = simulated(link, 300, false);
    const real = await scripted(link, 300, false);
    expect([sim.map(([, what]) => what), real.map(([, what]) => what)]).toEqual([
      [OLD.address.split('/')[0], 'reboot'],
      [OLD.address.split('/')[0], 'reboot'],
    ]);
  });
});

test('a simulated guard puts all files back as they were, and keeps the new ones for another turn', () => {
  const machine = armed();
  reset(machine, START + 100_000);
  advancePower(machine, START + 200_000);
  const link = { gateway: (address: string) => address === OLD.gateway, taken: () => false };
  advanceGuard(machine, link, machine.bootedAt + 120_000);
  expect(liveAddresses(machine.network)).toEqual(['10.77.0.11']);
  expect(lookUp(machine.files, MODULES)).toBeUndefined();
  expect(readGuard(machine, `${RUN}/deadman/reboot`)).toMatchObject({ place: 'old', reverts: 1 });
  wakeGuard(machine, machine.bootedAt + 121_000);
  advanceGuard(machine, { gateway: () => false, taken: () => false }, machine.bootedAt + 130_000);
  expect([liveAddresses(machine.network), lookUp(machine.files, MODULES)]).toEqual([['10.77.1.11'], textFile('iptable_nat\n')]);
});

test('a simulated guard stays at the old place where drover has reached it, as long as that network is there', () => {
  const machine = armed();
  reset(machine, START + 100_000);
  advancePower(machine, START + 200_000);
  const both = { gateway: () => true, taken: () => false };
  const at = (second: number): number => machine.bootedAt + second * 1000;
  advanceGuard(machine, both, at(310));
  const dir = `${RUN}/deadman/reboot`;
  const state = readGuard(machine, dir);
  expect(state).toMatchObject({ place: 'old', why: 'not confirmed for long: offers the old address for a while' });
  writeGuard(machine, dir, { ...state, why: `${state.why}, reached` });
  advanceGuard(machine, both, at(2000));
  wakeGuard(machine, at(2000));
  advanceGuard(machine, both, at(2010));
  expect([liveAddresses(machine.network), machine.deadman?.due]).toEqual([['10.77.0.11'], Number.POSITIVE_INFINITY]);
  wakeGuard(machine, at(2020));
  advanceGuard(machine, { gateway: (address) => address === NEW.gateway, taken: () => false }, at(2030));
  expect(liveAddresses(machine.network)).toEqual(['10.77.1.11']);
});
