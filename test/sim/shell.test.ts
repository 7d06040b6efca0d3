import { describe, expect, test } from 'vitest';
import { box, printed, runOn } from './box.ts';

const cases: readonly (readonly [string, string])[] = [
  ['echo a "b  c" \'$d\' e\\ f', 'a b  c $d e f\n'],
  ['X=1; Y="$X 2"; echo $Y "${Z:-none}" ${X}3', '1 2 none 13\n'],
  ['X="a  b"; echo $X "$X"', 'a b a  b\n'],
  ['echo "$(echo one; echo two)" $(echo three)', 'one\ntwo three\n'],
  ['false || echo no; true && echo yes; false && echo never', 'no\nyes\n'],
  ['false && echo a || echo b', 'b\n'],
  ['! false && echo ok', 'ok\n'],
  ['printf "b\\na\\nb\\n" | sort -u | tr a-b A-B', 'A\nB\n'],
  ['echo x >/tmp/f; echo y >>/tmp/f; cat </tmp/f', 'x\ny\n'],
  ['cat /none 2>/dev/null; echo $?', '1\n'],
  ['cat /none 2>&1 | head -n 1', 'cat: /none: No such file or directory\n'],
  ['{ echo a; echo b; } | tail -1; (X=2; echo $X); echo "[$X]"', 'b\n2\n[]\n'],
  ['ls -1d /etc/modules-load.d/*.conf /etc/host*', '/etc/hostname\n'],
  ["ls -1d '/etc/host*' 2>&1", "ls: cannot access '/etc/host*': No such file or directory\n"],
  ['LC_ALL=C FOO=1 echo pre # a comment', 'pre\n'],
  ['test -e /etc/hostname && [ 3 -gt 2 ] && echo both', 'both\n'],
];

describe('the small shell', () => {
  test.each(cases)('runs %s', (script, output) => {
    expect(printed(box(), script)).toBe(output);
  });

  test('stops at exit with its code, and keeps a subshell to itself', () => {
    const machine = box();
    expect(runOn(machine, 'echo a; exit 3; echo b')).toMatchObject({ code: 3, stdout: 'a\n' });
    expect(runOn(machine, '(exit 4); echo $?')).toMatchObject({ code: 0, stdout: '4\n' });
    expect(runOn(machine, '{ exit 5; }; echo never')).toMatchObject({ code: 5, stdout: '' });
  });

  test('answers 127 for a program that is not there, in the words of the shell of the system', () => {
    expect(runOn(box(), 'frobnicate x')).toMatchObject({ code: 127, stderr: 'sh: line 1: frobnicate: command not found\n' });
    expect(runOn(box({ distro: 'debian12' }), 'frobnicate x')).toMatchObject({ code: 127, stderr: 'sh: 1: frobnicate: not found\n' });
    expect(runOn(box({ distro: 'debian12' }), 'dnf -y install x').code).toBe(127);
  });

  test.each([
    'for x in 1; do echo $x; done',
    'if true; then echo; fi',
    'sleep 1 &',
    'echo $((1+1))',
    'echo `date`',
    'cat <<E\nx\nE',
    'f() { echo; }',
    'echo "open',
    'echo $1',
    '(echo',
  ])('says that it does not know: %s', (script) => {
    const { code, stdout, stderr } = runOn(box(), script);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^the simulator does not know /);
  });

  test('says which call of a program it does not know', () => {
    expect(runOn(box(), 'systemctl edit kubelet')).toMatchObject({
      code: 2,
      stderr: 'the simulator does not know: systemctl edit kubelet\n',
    });
  });

  test('lets a user neither read nor write what is root’s', () => {
    const machine = box();
    expect(runOn(machine, 'cat /sys/class/dmi/id/product_uuid; echo x >/etc/x', { user: 'ops' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/product_uuid: Permission denied\n.*cannot create \/etc\/x: Permission denied/s),
    });
    expect(runOn(machine, 'systemctl stop kubelet', { user: 'ops' }).code).toBe(1);
    expect(runOn(machine, 'sudo -n cat /sys/class/dmi/id/product_uuid', { user: 'ops' })).toMatchObject({
      code: 0,
      stdout: `${machine.productUuid}\n`,
    });
    expect(runOn(machine, 'sudo -n true', { user: 'guest' })).toMatchObject({ code: 1, stderr: 'sudo: a password is required\n' });
  });

  test('has drover’s functions only behind drover’s library', () => {
    expect(runOn(box(), 'drover_file /etc/hostname').code).toBe(127);
  });

  test('writes nothing to a full disk and leaves the old file whole', () => {
    const machine = box({ faults: { diskFull: true } });
    expect(runOn(machine, 'echo new >/etc/hostname')).toMatchObject({ code: 2, stderr: 'sh: write error: No space left on device\n' });
    expect(printed(machine, 'cat /etc/hostname')).toBe('n1\n');
  });
});
