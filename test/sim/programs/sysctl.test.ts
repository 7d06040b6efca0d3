import { describe, expect, test } from 'vitest';
import { advancePower } from '../../../src/sim/node/power.ts';
import { START, box, printed, runOn } from '../box.ts';

const KEY = 'net.netfilter.nf_conntrack_max';

describe('sysctl(8), as procps 4.0.2 of Debian 12 answers', () => {
  const debian = () => box({ distro: 'debian12' });

  test('shows and sets keys in either spelling', () => {
    const machine = debian();
    expect(
      printed(machine, 'sysctl net.ipv4.ip_default_ttl; sysctl -w net/ipv4/ip_default_ttl=70; sysctl -n net.ipv4.ip_default_ttl'),
    ).toBe('net.ipv4.ip_default_ttl = 64\nnet.ipv4.ip_default_ttl = 70\n70\n');
    expect(printed(machine, 'echo 71 >/proc/sys/net/ipv4/ip_default_ttl; cat /proc/sys/net/ipv4/ip_default_ttl')).toBe('71\n');
  });

  test('does not know a key that does not exist, and takes no value that makes no sense', () => {
    const machine = debian();
    expect(runOn(machine, 'sysctl -w net.nope=1')).toMatchObject({
      code: 1,
      stderr: 'sysctl: cannot stat /proc/sys/net/nope: No such file or directory\n',
    });
    expect(runOn(machine, 'sysctl -e net.nope').code).toBe(0);
    expect(runOn(machine, 'sysctl -w net.ipv4.ip_forward=x')).toMatchObject({
      code: 1,
      stderr: 'sysctl: setting key "net.ipv4.ip_forward": Invalid argument\n',
    });
    expect(runOn(machine, 'echo 5 >/proc/sys/net/nope')).toMatchObject({
      code: 2,
      stderr: 'sh: 1: cannot create /proc/sys/net/nope: Directory nonexistent\n',
    });
  });

  test('reads a file with -p, and goes on behind a key that does not exist', () => {
    const machine = debian();
    runOn(machine, 'printf "# c\\n; d\\n-net.nope2=3\\n net.nope3 = 4\\nnet.ipv4.ip_default_ttl = 72\\n" >/tmp/x.conf');
    expect(runOn(machine, 'sysctl -p /tmp/x.conf')).toMatchObject({
      code: 1,
      stdout: 'net.ipv4.ip_default_ttl = 72\n',
      stderr: expect.stringContaining('/proc/sys/net/nope3'),
    });
  });
});

describe('keys that come with a module', () => {
  test('exist while it is loaded, and begin anew when it is loaded again', () => {
    const machine = box();
    runOn(machine, 'modprobe ip_vs');
    expect(printed(machine, 'sysctl -w net.ipv4.vs.conn_reuse_mode=0')).toBe('net.ipv4.vs.conn_reuse_mode = 0\n');
    runOn(machine, 'modprobe -r ip_vs');
    expect(runOn(machine, 'sysctl net.ipv4.vs.conn_reuse_mode').code).toBe(255);
    expect(printed(machine, 'modprobe ip_vs; sysctl -n net.ipv4.vs.conn_reuse_mode')).toBe('1\n');
  });

  test('are passed over by systemd-sysctl where the module is loaded later in the boot', () => {
    const files = { '/etc/sysctl.d/99-x.conf': `${KEY} = 2097152\n` };
    expect(printed(box({ files }), `sysctl -n ${KEY}`)).toBe('65536\n');
    expect(printed(box({ files: { ...files, '/etc/modules-load.d/x.conf': 'nf_conntrack\n' } }), `sysctl -n ${KEY}`)).toBe('2097152\n');
  });

  test('are set on EL7 only when the script that loads the module is executable', () => {
    const script = '/etc/sysconfig/modules/x.modules';
    const machine = box({
      distro: 'el7',
      files: { '/etc/sysctl.d/99-x.conf': `${KEY} = 2097152\n`, [script]: '/sbin/modprobe nf_conntrack\n' },
    });
    expect(printed(machine, `sysctl -n ${KEY}`)).toBe('65536\n');
    runOn(machine, `chmod +x ${script}; systemctl reboot`);
    advancePower(machine, START + 600_000);
    expect(printed(machine, `sysctl -n ${KEY}`)).toBe('2097152\n');
    runOn(machine, 'systemctl mask rhel-loadmodules; systemctl reboot');
    advancePower(machine, START + 1_200_000);
    expect(printed(machine, `sysctl -n ${KEY}`)).toBe('65536\n');
  });
});
