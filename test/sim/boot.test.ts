import { describe, expect, test } from 'vitest';
import { liveAddresses } from '../../src/sim/node/network.ts';
import { machineId } from '../../src/sim/node/machine.ts';
import { advancePower, powerDue, reset } from '../../src/sim/node/power.ts';
import { START, box, printed, runOn } from './box.ts';

const LATER = START + 600_000;
const reboot = (machine: ReturnType<typeof box>): void => {
  expect(runOn(machine, 'systemctl reboot').code).toBe(0);
  advancePower(machine, LATER);
};

describe('the boot process', () => {
  test('goes down a moment after the order and is back half a minute later, with another boot id and the same machine id', () => {
    const machine = box();
    const [boot, id] = [machine.bootId, machineId(machine)];
    runOn(machine, 'systemctl reboot', { at: START });
    expect(machine.power.state).toBe('stopping');
    expect(powerDue(machine)).toBe(START + 2_000);
    advancePower(machine, START + 2_000);
    expect([machine.power.state, powerDue(machine)]).toEqual(['booting', START + 30_000]);
    advancePower(machine, START + 29_999);
    expect(machine.power.state).toBe('booting');
    advancePower(machine, START + 30_000);
    expect([machine.power.state, machine.bootCount, machineId(machine)]).toEqual(['on', 2, id]);
    expect(machine.bootId).not.toBe(boot);
    expect(printed(machine, 'cat /proc/sys/kernel/random/boot_id')).toBe(`${machine.bootId}\n`);
  });

  test('does not reboot twice when it is told twice', () => {
    const machine = box();
    runOn(machine, 'systemctl reboot; systemctl reboot');
    advancePower(machine, LATER);
    expect(machine.bootCount).toBe(2);
  });

  test('loads what modules-load.d lists, with what it depends on, and nothing of /etc/modules', () => {
    const machine = box({ files: { '/etc/modules': 'iptable_filter\n', '/etc/modules-load.d/nat.conf': '# for CI\niptable_nat\nunix\n' } });
    machine.kernel.loaded.clear();
    reboot(machine);
    const loaded = [...machine.kernel.loaded];
    expect(loaded).toEqual(expect.arrayContaining(['iptable_nat', 'nf_nat', 'nf_conntrack', 'ip_tables', 'x_tables']));
    expect(loaded).not.toContain('iptable_filter');
    expect(printed(machine, 'systemctl is-active systemd-modules-load')).toBe('active\n');
  });

  test('reads /etc/modules on Debian, where modules-load.d links to it', () => {
    const machine = box({ distro: 'debian12', files: { '/etc/modules': 'iptable_nat\n' } });
    expect([...machine.kernel.loaded]).toContain('iptable_nat');
  });

  test('lets a file in /etc hide one of the same name in /usr/lib, and obeys a blacklist', () => {
    const machine = box({
      files: {
        '/usr/lib/modules-load.d/a.conf': 'iptable_raw\n',
        '/etc/modules-load.d/a.conf': 'iptable_mangle\n',
        '/etc/modules-load.d/b.conf': 'iptable_nat\n',
        '/etc/modprobe.d/no.conf': 'blacklist iptable_nat\n',
      },
    });
    expect([...machine.kernel.loaded]).toContain('iptable_mangle');
    expect([...machine.kernel.loaded].filter((name) => ['iptable_raw', 'iptable_nat'].includes(name))).toEqual([]);
  });

  test('fails the loader of modules when one is not there', () => {
    const machine = box({ files: { '/etc/modules-load.d/x.conf': 'iptables_nat\n' } });
    expect(printed(machine, 'systemctl is-active systemd-modules-load; systemctl is-failed systemd-modules-load')).toBe('failed\nfailed\n');
  });

  test('loses what was loaded, started or written by hand for this boot only', () => {
    const machine = box();
    runOn(machine, 'modprobe iptable_nat; echo x >/run/x; systemctl stop kubelet; systemctl disable containerd');
    reboot(machine);
    expect([...machine.kernel.loaded]).not.toContain('iptable_nat');
    expect(runOn(machine, 'test -e /run/x').code).toBe(1);
    expect(printed(machine, 'systemctl is-active kubelet containerd')).toBe('active\ninactive\n');
  });

  test('boots the newest kernel that is installed', () => {
    const machine = box();
    runOn(machine, 'dnf -y -q install kernel-core');
    expect(printed(machine, 'uname -r')).toBe('4.18.0-305.el8.x86_64\n');
    reboot(machine);
    expect(printed(machine, 'uname -r; ls -1 /lib/modules')).toBe('4.18.0-348.el8.x86_64\n4.18.0-305.el8.x86_64\n4.18.0-348.el8.x86_64\n');
  });

  test('brings up the configured address at boot and not before', () => {
    const machine = box();
    runOn(machine, 'nmcli con mod ens192 ipv4.addresses 10.77.1.11/23 ipv4.gateway 10.77.1.1');
    expect(liveAddresses(machine.network)).toEqual(['10.77.0.11']);
    reboot(machine);
    expect(liveAddresses(machine.network)).toEqual(['10.77.1.11']);
    expect(printed(machine, 'ip -4 route show default')).toBe('default via 10.77.1.1 dev ens192 proto static metric 100 \n');
  });

  test('boots without a module once when it is told so', () => {
    const machine = box({ files: { '/etc/modules-load.d/x.conf': 'iptable_nat\n' } });
    machine.faults.modulesNotLoadedOnce = ['iptable_nat'];
    reboot(machine);
    expect([...machine.kernel.loaded]).not.toContain('iptable_nat');
    reboot(machine);
    expect([...machine.kernel.loaded]).toContain('iptable_nat');
  });

  test('boots at the old address, without some modules or not at all, when it is told to', () => {
    const machine = box({
      faults: { bootsAtOldAddress: true, modulesNotLoadedAtBoot: ['iptable_nat'] },
      files: { '/etc/modules-load.d/x.conf': 'iptable_nat\n' },
    });
    runOn(machine, 'nmcli con mod ens192 ipv4.addresses 10.77.1.11/23');
    reboot(machine);
    expect(liveAddresses(machine.network)).toEqual(['10.77.0.11']);
    expect([...machine.kernel.loaded]).not.toContain('iptable_nat');
    machine.faults.neverBoots = true;
    runOn(machine, 'systemctl reboot');
    advancePower(machine, LATER + 3_600_000);
    expect([machine.power.state, machine.bootCount]).toEqual(['off', 2]);
    delete machine.faults.neverBoots;
    reset(machine, LATER + 3_600_000);
    advancePower(machine, LATER + 7_200_000);
    expect([machine.power.state, machine.bootCount]).toEqual(['on', 3]);
  });
});
