import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { questions, readFact } from '../../src/core/fact.ts';
import { sysctl } from '../../src/facts/sysctl.ts';
import { sysctlValue } from '../../src/sim/node/sysctl.ts';
import { box, printed } from '../sim/box.ts';

const REAL = '/usr/lib/systemd/systemd-sysctl';
const TTL = 'net.ipv4.ip_default_ttl';
const ALL = 'net.ipv4.conf.all.rp_filter';
const OWN = '/etc/sysctl.d/50-own.conf';
const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];

/** Files, the key that they are about, and the value that it has behind systemd-sysctl: null where nothing sets it. */
const worlds: readonly (readonly [what: string, key: string, files: Readonly<Record<string, string>>, value: string | null])[] = [
  ['nothing sets it', TTL, { '/etc/sysctl.d/a.conf': `# ${TTL} = 70\n; ${TTL} = 71\n` }, null],
  [
    'the last file by name wins, whatever its folder',
    TTL,
    { '/etc/sysctl.d/10-a.conf': `${TTL}=70\n`, '/usr/lib/sysctl.d/20-b.conf': `${TTL}=71\n` },
    '71',
  ],
  [
    'a file in /etc takes one of the same name away',
    TTL,
    { '/etc/sysctl.d/a.conf': 'vm.swappiness=60\n', '/usr/lib/sysctl.d/a.conf': `${TTL}=71\n` },
    null,
  ],
  [
    '/run is stronger than /usr/local/lib, and that than /usr/lib',
    TTL,
    { '/run/sysctl.d/a.conf': `${TTL}=70\n`, '/usr/local/lib/sysctl.d/a.conf': `${TTL}=71\n`, '/usr/lib/sysctl.d/a.conf': `${TTL}=72\n` },
    '70',
  ],
  ['the last line of a file wins', TTL, { '/etc/sysctl.d/a.conf': `${TTL} = 70\n  -net/ipv4/ip_default_ttl=72  \n` }, '72'],
  ['capitals come before small letters', TTL, { '/etc/sysctl.d/B.conf': `${TTL}=70\n`, '/etc/sysctl.d/a.conf': `${TTL}=71\n` }, '71'],
  ['other endings do not count', TTL, { '/etc/sysctl.d/a.conf': `${TTL}=70\n`, '/etc/sysctl.d/b.conf.bak': `${TTL}=71\n` }, '70'],
  [
    'the key itself counts before a pattern',
    ALL,
    { '/etc/sysctl.d/a.conf': `${ALL}=1\n`, '/etc/sysctl.d/b.conf': 'net.ipv4.conf.*.rp_filter=2\n' },
    '1',
  ],
  ['a pattern counts where nothing else does', ALL, { '/etc/sysctl.d/b.conf': 'net.ipv4.conf.*.rp_filter=2\n' }, '2'],
  [
    'the last pattern wins',
    ALL,
    { '/etc/sysctl.d/a.conf': 'net.ipv4.conf.a*.rp_filter=1\n', '/etc/sysctl.d/b.conf': 'net.ipv4.conf.*.rp_filter=2\n' },
    '2',
  ],
  ['a key with a minus is left out of patterns', ALL, { '/etc/sysctl.d/b.conf': `net.ipv4.conf.*.rp_filter=2\n-${ALL}\n` }, null],
  ['a later minus takes an assignment back', TTL, { '/etc/sysctl.d/a.conf': `${TTL}=70\n`, '/etc/sysctl.d/b.conf': `-${TTL}\n` }, null],
  ['/etc/sysctl.conf does not count without a link', TTL, { '/etc/sysctl.conf': `${TTL}=70\n` }, null],
];

const state = (stdout: string, key: string, text: string) => {
  const fact = sysctl([key], OWN);
  expect(questions(fact)).toEqual([{ via: 'ssh', text, masked: text }]);
  return readFact(fact, [{ command: { exitCode: 2, stdout, stderr: '', durationMs: 1 } }]);
};
const [question] = questions(sysctl([TTL], OWN));
const textFor = (key: string): string =>
  question?.via === 'ssh' ? question.text.replace('/proc/sys/net/ipv4/ip_default_ttl', `/proc/sys/${key.replaceAll('.', '/')}`) : '';
const winner = (value: string | null): object => ({ pattern: expect.any(Boolean), file: expect.any(String), value });

describe('which file wins, to the fact and to the simulator', () => {
  // /run is empty when a machine has booted
  test.each(worlds.filter(([, , files]) => !Object.keys(files).some((path) => path.startsWith('/run/'))))(
    '%s',
    (_what, key, files, value) => {
      const machine = box({ files: { '/etc/sysctl.d/99-sysctl.conf': '', '/etc/sysctl.d/90-kubernetes.conf': '', ...files } });
      const found = state(printed(machine, textFor(key)), key, textFor(key));
      const last = value === null ? [] : [winner(value)];
      expect(found).toMatchObject({ keys: { [key]: { sets: value === null ? [] : expect.arrayContaining(last) } } });
      expect(found).toMatchObject({ keys: { [key]: { live: value ?? (key === TTL ? '64' : '0') } } });
      expect(sysctlValue(machine, key.replaceAll('.', '/'))).toBe(value ?? (key === TTL ? '64' : '0'));
    },
  );
});

const canRun = (() => {
  try {
    execFileSync('unshare', ['-mn', 'sh', '-c', `test -x ${REAL} && mount -t tmpfs tmpfs /mnt`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Runs a text as root where these are the only files of sysctl.d, with a network of its own. */
const inNamespace = (files: Readonly<Record<string, string>>, text: string): string => {
  const lay = Object.entries(files).map(([path, content], index) =>
    path === '/etc/sysctl.conf'
      ? `printf %s '${content}' >/mnt/${index}; mount --bind /mnt/${index} ${path}`
      : `printf %s '${content}' >'${path}'`,
  );
  const make = folders.map((folder) => `mkdir -p ${folder}; mount -t tmpfs tmpfs ${folder}`);
  const script = ['mount -t tmpfs tmpfs /mnt', 'mount -t tmpfs tmpfs /run', ...make, ...lay, text].join('\n');
  const ran = spawnSync('unshare', ['-mn', 'sh'], { input: script, encoding: 'utf8' });
  return ran.stdout;
};

// Needs root (CAP_SYS_ADMIN) for a mount and a network namespace, and systemd's own program; CI has both.
describe.runIf(canRun)('which file wins, to the real systemd-sysctl', () => {
  test.each(worlds)('%s', (_what, key, files, value) => {
    const path = `/proc/sys/${key.replaceAll('.', '/')}`;
    const look = `sh -c "$(cat <<'END'\n${textFor(key)}\nEND\n)"`;
    const [before = '', after = '', ...seen] = inNamespace(files, `cat ${path}\n${REAL} >/dev/null 2>&1; cat ${path}\n${look}`).split('\n');
    expect(after).toBe(value ?? before);
    const found = state(seen.join('\n'), key, textFor(key));
    expect(found).toMatchObject({ keys: { [key]: { live: value ?? before } } });
    expect(JSON.stringify(found)).toContain(value === null ? '"sets":[]' : `"value":"${value}"}]`);
  });
});
