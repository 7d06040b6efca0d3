import { describe, expect, test } from 'vitest';
import { START, box, printed, runOn } from '../box.ts';

describe('systemctl', () => {
  test('shows the state of a unit, and of one that is not there', () => {
    const show = 'systemctl show -p LoadState,ActiveState,SubState,UnitFileState';
    expect(printed(box(), `${show} kubelet`)).toBe('LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n');
    expect(runOn(box(), `${show} nothing`)).toMatchObject({
      code: 0,
      stdout: 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\n',
    });
    expect(printed(box(), 'systemctl show --value -p ActiveState kubelet.service')).toBe('active\n');
  });

  test('stops and starts, which takes a second, and leaves enabled what is enabled', () => {
    const machine = box();
    expect(runOn(machine, 'systemctl stop kubelet')).toMatchObject({ code: 0, tookMs: 1000 });
    expect(runOn(machine, 'systemctl is-active kubelet')).toMatchObject({ code: 3, stdout: 'inactive\n' });
    expect(printed(machine, 'systemctl is-enabled kubelet')).toBe('enabled\n');
    expect(printed(machine, 'systemctl start kubelet; systemctl is-active kubelet')).toBe('active\n');
  });

  test('does not know a unit that is not there, nor starts one that is masked', () => {
    const machine = box();
    expect(runOn(machine, 'systemctl start vmtoolsd')).toMatchObject({
      code: 5,
      stderr: 'Failed to start vmtoolsd.service: Unit vmtoolsd.service not found.\n',
    });
    expect(runOn(machine, 'systemctl enable --now vmtoolsd').code).toBe(1);
    runOn(machine, 'systemctl mask containerd');
    expect(runOn(machine, 'systemctl restart containerd').code).toBe(1);
  });
});

describe('nmcli and ip', () => {
  test('print a connection for programs, escaped where the manual says so', () => {
    const machine = box({ distro: 'debian12' });
    const [uuid = ''] = [...machine.network.profiles.keys()];
    expect(
      printed(machine, 'nmcli -t -m multiline -f connection.uuid,ipv4.method,ipv4.addresses,ipv4.gateway,ipv4.dns connection show ens192'),
    ).toBe(`connection.uuid:${uuid}\nipv4.method:manual\nipv4.addresses:10.77.0.11/24\nipv4.gateway:10.77.0.1\nipv4.dns:\n`);
    expect(printed(machine, 'nmcli -t -f UUID,FILENAME connection show')).toBe(
      `${uuid}:/etc/NetworkManager/system-connections/ens192.nmconnection\n`,
    );
    expect(printed(machine, 'nmcli -g GENERAL.DEVICES con show ens192; nmcli -g ipv4.addresses,ipv4.gateway con show ens192')).toBe(
      'ens192\n10.77.0.11/24\n10.77.0.1\n',
    );
    expect(runOn(machine, 'nmcli con show eth9')).toMatchObject({ code: 10, stderr: 'Error: eth9 - no such connection profile.\n' });
  });

  test('change the file and what nmcli tells, and not what is up, until the connection goes up', () => {
    const machine = box({ distro: 'debian12' });
    runOn(machine, 'nmcli connection modify ens192 ipv4.method manual ipv4.addresses 10.77.1.11/23 ipv4.gateway 10.77.1.1');
    expect(
      printed(machine, 'grep address1 /etc/NetworkManager/system-connections/ens192.nmconnection; nmcli -g ipv4.addresses con show ens192'),
    ).toBe('address1=10.77.1.11/23,10.77.1.1\n10.77.1.11/23\n');
    const live = 'ip -4 -o address show dev "$(nmcli -g GENERAL.DEVICES connection show ens192)"';
    expect(printed(machine, live)).toBe(
      '2: ens192    inet 10.77.0.11/24 brd 10.77.0.255 scope global noprefixroute ens192\\       valid_lft forever preferred_lft forever\n',
    );
    runOn(machine, 'nmcli con up ens192');
    expect(printed(machine, live)).toContain('inet 10.77.1.11/23 brd 10.77.1.255');
  });

  test('write an ifcfg file and leave the lines that they do not know', () => {
    const machine = box({
      files: {
        '/etc/sysconfig/network-scripts/ifcfg-eth1': '# by hand\nDEVICE=eth1\nNAME=second\nUUID=u1\nBOOTPROTO=dhcp\nMTU=9000\nONBOOT=no\n',
      },
    });
    expect(printed(machine, 'nmcli -g ipv4.method con show second; nmcli -g GENERAL.DEVICES con show second')).toBe('auto\n');
    runOn(machine, 'nmcli con mod second ipv4.method manual ipv4.addresses 10.9.0.5/16');
    expect(printed(machine, 'cat /etc/sysconfig/network-scripts/ifcfg-eth1')).toBe(
      '# by hand\nDEVICE=eth1\nNAME=second\nUUID=u1\nBOOTPROTO=none\nMTU=9000\nONBOOT=no\nIPADDR=10.9.0.5\nPREFIX=16\n',
    );
  });

  test('read a file that was put back only when they are told to', () => {
    const machine = box();
    const file = '/etc/sysconfig/network-scripts/ifcfg-ens192';
    runOn(machine, `cat ${file} >/root/old; nmcli con mod ens192 ipv4.addresses 10.77.1.11/23; cat /root/old >${file}`);
    expect(printed(machine, 'nmcli -g ipv4.addresses con show ens192; nmcli con reload; nmcli -g ipv4.addresses con show ens192')).toBe(
      '10.77.1.11/23\n10.77.0.11/24\n',
    );
  });

  test('refuse what is no address or no property, and everything while NetworkManager is stopped', () => {
    const machine = box();
    expect(runOn(machine, 'nmcli con mod ens192 ipv4.addresses 10.77.1/x').code).toBe(2);
    expect(runOn(machine, 'nmcli con mod ens192 ipv4.adresses 10.77.1.1/24').stderr).toBe("Error: invalid property 'ipv4.adresses'.\n");
    expect(runOn(machine, 'systemctl stop NetworkManager; nmcli con show')).toMatchObject({
      code: 8,
      stderr: 'Error: NetworkManager is not running.\n',
    });
  });

  test('pass over a keyfile that others may read', () => {
    const machine = box({
      distro: 'debian12',
      files: { '/etc/NetworkManager/system-connections/x.nmconnection': '[connection]\nid=x\nuuid=u2\ntype=ethernet\n' },
    });
    expect(runOn(machine, 'nmcli con show x').code).toBe(10);
  });
});

describe('kernel modules', () => {
  test('modprobe loads what is needed first, and lsmod counts who uses it', () => {
    const machine = box();
    expect(runOn(machine, 'modprobe iptable_nat')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(printed(machine, 'lsmod | grep -w nf_nat')).toContain(
      'nf_nat                  16384  3 iptable_nat,xt_MASQUERADE,nft_chain_nat\n',
    );
    expect(runOn(machine, 'modprobe -r nf_nat').code).toBe(1);
    expect(runOn(machine, 'modprobe -r iptable_nat').code).toBe(0);
  });

  test('modprobe tells the module behind an alias, and that there is none', () => {
    const machine = box();
    expect(printed(machine, 'modprobe --resolve-alias ipt_REDIRECT; modprobe -R unix')).toBe('xt_REDIRECT\nunix\n');
    expect(runOn(machine, 'modprobe iptables_nat')).toMatchObject({
      code: 1,
      stderr: 'modprobe: FATAL: Module iptables_nat not found in directory /lib/modules/4.18.0-305.el8.x86_64\n',
    });
  });

  test('modinfo shows a field, also of what is built in', () => {
    expect(printed(box(), 'modinfo -F depends iptable_nat; modinfo -n unix')).toBe('ip_tables,nf_nat\n(builtin)\n');
    expect(runOn(box(), 'modinfo iptables_nat')).toMatchObject({ code: 1, stderr: 'modinfo: ERROR: Module iptables_nat not found.\n' });
  });
});

describe('packages', () => {
  test('dnf installs with its units, which it does not start, and removes them again', () => {
    const machine = box();
    expect(printed(machine, "rpm -q --qf '%{NAME} %{VERSION}-%{RELEASE}\\n' bash open-vm-tools")).toBe(
      'bash 4.4.20-1.el8\npackage open-vm-tools is not installed\n',
    );
    expect(runOn(machine, 'dnf -q -y install open-vm-tools')).toMatchObject({ code: 0, tookMs: 12_000 });
    expect(printed(machine, 'rpm -q open-vm-tools; systemctl is-enabled vmtoolsd; systemctl is-active vmtoolsd')).toBe(
      'open-vm-tools-11.3.5-1.el8.x86_64\ndisabled\ninactive\n',
    );
    expect(runOn(machine, 'dnf -q -y --setopt=clean_requirements_on_remove=False remove open-vm-tools').code).toBe(0);
    expect(runOn(machine, 'rpm -q open-vm-tools; systemctl is-enabled vmtoolsd').stdout).toContain('not-found');
  });

  test('dnf waits for its lock as long as it is held; apt-get as long as it is told', () => {
    const at = START + 60_000;
    expect(runOn(box({ faults: { packageLockUntil: at + 30_000 } }), 'dnf -q -y install open-vm-tools', { at })).toMatchObject({
      code: 0,
      tookMs: 42_000,
    });
    const debian = (seconds: number) =>
      runOn(
        box({ distro: 'debian12', faults: { packageLockUntil: at + 30_000 } }),
        `DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=${seconds} install open-vm-tools`,
        { at },
      );
    expect(debian(60)).toMatchObject({ code: 0, tookMs: 42_000 });
    expect(debian(5)).toMatchObject({ code: 100, tookMs: 5_000, stderr: expect.stringContaining('Could not get lock') });
  });

  test('neither asks anybody, nor installs what is not there or on a full disk', () => {
    const machine = box();
    expect(runOn(machine, 'dnf install open-vm-tools').code).toBe(1);
    expect(runOn(machine, 'dnf -y install nosuch')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Unable to find a match: nosuch'),
    });
    expect(runOn(box({ faults: { diskFull: true } }), 'dnf -y install open-vm-tools').code).toBe(1);
    const debian = box({ distro: 'debian12' });
    expect(runOn(debian, 'apt-get -q update; apt-get -y install nosuch')).toMatchObject({
      code: 100,
      stderr: 'E: Unable to locate package nosuch\n',
    });
    expect(
      runOn(
        debian,
        "apt-get -y install open-vm-tools; dpkg-query -W -f='${Package} ${db:Status-Status}\\n' open-vm-tools; systemctl is-active vmtoolsd",
      ).stdout,
    ).toContain('open-vm-tools installed\nactive\n');
  });
});
