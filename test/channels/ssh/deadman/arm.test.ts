import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read, text } from '../shell.ts';
import { type Box, NEW, OLD, arm, armWords, boot, bootOf, call, change, described, live, makeBox, onDisk, place, shells } from './box.ts';

const unit = (box: Box): string => join(box.root.path, 'etc/systemd/system/drover-deadman.service');
const wants = (box: Box): string => join(box.root.path, 'etc/systemd/system/multi-user.target.wants/drover-deadman.service');
const script = (box: Box): string => join(box.root.state, 'run-1/deadman/guard');
const isThere = (box: Box): readonly boolean[] => [
  existsSync(unit(box)),
  existsSync(script(box)),
  existsSync(join(box.root.state, 'armed')),
];
const status = async (box: Box): Promise<string | undefined> =>
  (await read(box.shell, box.root, 'drover_deadman_status').ended).done.get('0')?.stdout;
const code = async (box: Box, words: string): Promise<number | undefined> => (await call(box, words)).done.get('guarded')?.exitCode;
const confirm = (box: Box): Promise<number | undefined> => code(box, 'drover_deadman_confirm reboot');

describe.each(shells)('arming under $name', ({ shell }) => {
  test('lays unit, script and copies for root alone, starts the unit, and tells of it', async () => {
    using box = makeBox('el8', shell);
    expect(await status(box)).toBe('absent\n');
    expect(await call(box, armWords(box))).toMatchObject({ refused: null, code: 0 });
    const dir = join(box.root.state, 'run-1/deadman');
    expect([box.root.state, dir, join(dir, 'reboot')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o700]);
    expect([lstatSync(wants(box)).isSymbolicLink(), readlinkSync(wants(box))]).toEqual([true, '../drover-deadman.service']);
    expect(text(unit(box))).toContain(`ExecStart=/bin/sh ${script(box)} run-1\n`);
    expect(text(join(box.root.path, 'systemctl.log'))).toBe(
      'daemon-reload\nstart drover-deadman.service\nis-active -q drover-deadman.service\n',
    );
    expect(await status(box)).toBe(`armed run-1 reboot before ${bootOf(box)} no 0 armed\n`);
    expect(readFileSync(join(dir, 'reboot/paths'), 'utf8').split('\n')).toEqual(
      expect.arrayContaining([box.file, box.file.replace('ifcfg', 'route'), '/etc/NetworkManager/system-connections/ens192.nmconnection']),
    );
  });

  test('confirms only at the new place, on the boot that runs: unit and script go, the copies stay, nothing is reverted any more', async () => {
    using box = makeBox('el9', shell);
    await arm(box);
    change(box);
    expect(await confirm(box)).toBe(75);
    boot(box, { link: [[0, NEW.gateway]], until: 30 });
    expect(await confirm(box)).toBe(0);
    expect([isThere(box), existsSync(wants(box)), readdirSync(join(box.root.state, 'run-1/deadman/reboot/old/files')).length]).toEqual([
      [false, false, false],
      false,
      3,
    ]);
    expect(await status(box)).toBe('absent\n');
    expect(await confirm(box)).toBe(0);
    expect(boot(box, { link: [[0, OLD.gateway]], until: 300 })).toMatchObject({ end: 'ended', log: [] });
    expect([onDisk(box), live(box)]).toEqual(['new', NEW.address]);
  });
});

describe('the guard and drover', () => {
  const shell = ['dash'];

  test('cannot be confirmed once it has gone back, and says so; a revert is told until it is armed again', async () => {
    using box = makeBox('debian', shell);
    await arm(box);
    change(box);
    boot(box, { link: [[0, OLD.gateway]], until: 90 });
    expect(await confirm(box)).toBe(98);
    expect(await status(box)).toMatch(/^armed run-1 reboot old \S+ no 1 not confirmed, and only the old gateway answers\n$/);
  });

  test('takes the old state from before the run, however often it is armed, and holds the new one anew', async () => {
    using box = makeBox('el8', shell);
    const before = described(box);
    expect(await code(box, `drover_snapshot ${box.file}`)).toBe(0);
    change(box);
    writeFileSync(join(box.root.path, 'etc/modules-load.d/iptable_nat.conf'), 'iptable_nat\n');
    expect(await arm(box)).toBe(0);
    boot(box, { link: [[0, OLD.gateway]], until: 90 });
    expect(described(box)[0]).toBe(before[0]);
    expect([place(box), await arm(box), place(box)]).toEqual(['old', 0, 'before']);
    change(box);
    boot(box, { link: [[0]], until: 90 });
    expect(described(box)[0]).toBe(before[0]);
    expect(await status(box)).toMatch(/^armed run-1 reboot old \S+ no 2 /);
  });

  test('is armed for one run at a time, and a run whose guard is armed is not forgotten', async () => {
    using box = makeBox('el9', shell);
    await arm(box);
    expect(await code(box, 'drover_forget run-1')).toBe(1);
    const other = (await call(box, `DROVER_RUN_DIR=$DROVER_HOME/run-2; ${armWords(box)}`)).done.get('guarded');
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the guard of run run-1 is still armed here') });
    expect(await code(box, 'drover_deadman_disarm')).toBe(0);
    expect(await code(box, 'drover_forget run-1')).toBe(0);
  });

  test('gives drover its time again where it was reached, so that it does not leave in the middle of the proofs', async () => {
    using box = makeBox('el9', shell);
    await arm(box);
    change(box);
    boot(box, { link: [[0, OLD.gateway]], until: 66 });
    expect(await code(box, 'drover_deadman_reached')).toBe(0);
    expect(boot(box, { link: [[0, OLD.gateway]], until: 120, sameBoot: true })).toMatchObject({ log: [] });
    expect(place(box)).toBe('new');
  });

  test('is confirmed by a second call where the first was cut off behind its word, and the guard had been stopped', async () => {
    using box = makeBox('el9', shell);
    await arm(box);
    change(box);
    boot(box, { link: [[0, NEW.gateway]], until: 30 });
    expect(await code(box, 'systemctl() { exit 9; }; drover_deadman_confirm reboot')).toBe(9);
    expect(existsSync(join(box.root.state, 'armed'))).toBe(true);
    for (let again = 0; again < 2; again += 1) expect(await code(box, 'drover_deadman_confirm reboot')).toBe(0);
    expect([existsSync(join(box.root.state, 'armed')), existsSync(join(box.root.state, 'run-1/deadman/guard'))]).toEqual([false, false]);
  });

  test('stays at the old address where drover has reached it, as long as that network is there', async () => {
    using box = makeBox('el9', shell);
    await arm(box);
    change(box);
    const both = [OLD.gateway, NEW.gateway] as const;
    // five deadlines, and then a turn at the old address
    const alone = boot(box, { link: [[0, ...both]], until: 325 });
    expect([alone.log.length, place(box)]).toEqual([1, 'old']);
    for (let again = 0; again < 2; again += 1) expect(await code(box, 'drover_deadman_reached')).toBe(0);
    expect(boot(box, { link: [[0, ...both]], until: 1500, sameBoot: true }).log).toEqual([]);
    expect(boot(box, { link: [[0, ...both]], until: 900 }).log).toEqual([]);
    expect(live(box)).toBe(OLD.address);
    expect(boot(box, { link: [[0, NEW.gateway]], until: 1000, sameBoot: true }).log).toEqual([expect.stringMatching(/up 10.77.1.11\/24$/)]);
    expect(place(box)).toBe('new');
  });

  test('is not set where nothing can keep it: without systemd, without nmcli, for a name that is no name', async () => {
    using box = makeBox('el9', shell);
    const said = async (words: string): Promise<string | undefined> => (await call(box, words)).done.get('guarded')?.stderr;
    expect(await said(armWords(box).replace('arm reboot', "arm '../x'"))).toContain('is not the name of a move');
    expect(await said(`DROVER_ROOT=/nowhere; ${armWords(box)}`)).toContain('systemd is not at work here');
    expect(await said(`command() { [ "$2" != nmcli ]; }; ${armWords(box)}`)).toContain('nmcli(1) is missing on the node');
    expect(isThere(box)).toEqual([false, false, false]);
  });
});
