import { describe, expect, test } from 'vitest';
import { box, printed, runOn } from '../box.ts';

const files = { '/etc/a.conf': 'one\ntwo 2\n# three\n', '/etc/b.conf': 'two\n' };

describe('grep', () => {
  test('prints matching lines, with the file in front of them when there are several', () => {
    const machine = box({ files });
    expect(printed(machine, 'grep two /etc/a.conf')).toBe('two 2\n');
    expect(printed(machine, 'grep two /etc/a.conf /etc/b.conf')).toBe('/etc/a.conf:two 2\n/etc/b.conf:two\n');
    expect(printed(machine, 'grep -h two /etc/a.conf /etc/b.conf')).toBe('two 2\ntwo\n');
    expect(printed(machine, 'grep -Hn two /etc/b.conf')).toBe('/etc/b.conf:1:two\n');
  });

  test('knows both kinds of regular expressions', () => {
    const machine = box({ files });
    expect(printed(machine, "grep -E '^(one|two)$' /etc/a.conf /etc/b.conf")).toBe('/etc/a.conf:one\n/etc/b.conf:two\n');
    expect(printed(machine, "grep '^(one|two)$' /etc/a.conf")).toBe('');
    expect(printed(machine, "grep '^\\(one\\|two\\)$' /etc/a.conf")).toBe('one\n');
    expect(printed(machine, "grep -E '^[^#[:space:]]+[[:space:]][0-9]' /etc/a.conf")).toBe('two 2\n');
    expect(printed(machine, "grep -F '# three' /etc/a.conf")).toBe('# three\n');
    expect(printed(machine, "grep -oE '[a-z]+' /etc/a.conf | tail -1")).toBe('three\n');
  });

  test('reads records that end with NUL', () => {
    expect(printed(box(), "grep -HszE '^unix\\.alias=' /lib/modules/*/modules.builtin.modinfo | tr '\\0' '\\n'")).toBe(
      '/lib/modules/4.18.0-305.el8.x86_64/modules.builtin.modinfo:unix.alias=net-pf-1\n',
    );
  });

  test('ends with 1 when nothing matches and with 2 when a file is not there', () => {
    const machine = box({ files });
    expect(runOn(machine, 'grep none /etc/a.conf').code).toBe(1);
    expect(runOn(machine, 'grep -s one /none /etc/a.conf')).toMatchObject({ code: 2, stdout: '/etc/a.conf:one\n', stderr: '' });
    expect(runOn(machine, 'grep one /none').stderr).toBe('grep: /none: No such file or directory\n');
    expect(runOn(machine, 'grep -q one /etc/a.conf')).toMatchObject({ code: 0, stdout: '' });
    expect(printed(machine, 'grep -c . /etc/a.conf; grep -l two /etc/a.conf; grep -vi ONE /etc/b.conf')).toBe('3\n/etc/a.conf\ntwo\n');
  });
});

describe('the small programs', () => {
  test('cat goes on after a file that is not there', () => {
    expect(runOn(box({ files }), 'cat /none /etc/b.conf /etc')).toMatchObject({
      code: 1,
      stdout: 'two\n',
      stderr: 'cat: /none: No such file or directory\ncat: /etc: Is a directory\n',
    });
  });

  test('printf uses its format again, with numbers padded', () => {
    expect(printed(box(), "printf '%s=%d\\n' a 1 b 2; printf '%%|%04d|%b|' 7 'x\\ty'; printf plain")).toBe('a=1\nb=2\n%|0007|x\ty|plain');
  });

  test('ls lists a folder, or the paths themselves with -d', () => {
    const machine = box({ files: { '/etc/x/b': '', '/etc/x/a': '', '/etc/x/.h': '' } });
    expect(printed(machine, 'ls /etc/x; ls -a /etc/x | head -1; ls -1d /etc/x')).toBe('a\nb\n.h\n/etc/x\n');
    expect(runOn(machine, 'ls /etc/none').code).toBe(2);
  });

  test('sort orders versions, head and tail cut', () => {
    expect(printed(box(), "printf '%s\\n' 4.18.0-348 4.18.0-80 5.4 | sort -V | head -n 2 | tail -n 1")).toBe('4.18.0-348\n');
  });

  test('test answers about files, texts and numbers', () => {
    const machine = box({ files });
    for (const yes of ['-f /etc/a.conf', '-d /etc', '! -e /none', '-n x', '-z ""', 'a = a', 'a != b', '2 -le 2', '-d /sys/module/overlay'])
      expect([yes, runOn(machine, `test ${yes}`).code]).toEqual([yes, 0]);
    for (const no of ['-f /etc', '-s /none', 'a = b', '3 -lt 2', '-d /sys/module/iptable_nat'])
      expect([no, runOn(machine, `test ${no}`).code]).toEqual([no, 1]);
    expect(runOn(machine, 'test a -nt b').code).toBe(2);
  });

  test('uname, hostname, id and systemd-detect-virt tell what they run on', () => {
    const machine = box({ virtualization: 'lxc' });
    expect(printed(machine, 'uname -r; uname -m; hostname; id -u')).toBe('4.18.0-305.el8.x86_64\nx86_64\nn1\n0\n');
    expect(runOn(machine, 'systemd-detect-virt --vm')).toMatchObject({ code: 1, stdout: 'none\n' });
    expect(runOn(machine, 'systemd-detect-virt --container')).toMatchObject({ code: 0, stdout: 'lxc\n' });
    expect(runOn(machine, 'systemd-detect-virt')).toMatchObject({ code: 0, stdout: 'lxc\n' });
  });

  test('df has nothing left on a full disk', () => {
    const left = (machine: ReturnType<typeof box>): readonly (string | undefined)[] =>
      printed(machine, 'df -Pk /var/lib /etc')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/\s+/).at(-3));
    expect(left(box())).toEqual(['10480640', '10480640']);
    expect(left(box({ faults: { diskFull: true } }))).toEqual(['0', '0']);
  });

  test('command -v tells where a program is', () => {
    expect(printed(box(), 'command -v dnf || command -v apt-get; command -v modprobe test')).toBe('/usr/bin/dnf\n/usr/sbin/modprobe\n');
    expect(printed(box({ distro: 'debian12' }), 'command -v dnf || command -v apt-get')).toBe('/usr/bin/apt-get\n');
  });
});
