import { describe, expect, test } from 'vitest';
import { advancePower } from '../../../src/sim/node/power.ts';
import { preflight } from '../../../src/steps/preflight.ts';
import { bookWorld } from '../../runbooks/book-world.ts';
import { START, box, printed, runOn } from '../box.ts';

const RULES = '*nat\n-A PREROUTING -j X\nCOMMIT\n';
const both = { both: true, version: '1.8.7' };

describe('iptables of a simulated node', () => {
  test('says its backend from 1.8 on, and is not there where none is installed', () => {
    expect(printed(box(), 'iptables --version')).toBe('iptables v1.8.4 (nf_tables)\n');
    expect(printed(box({ distro: 'el7' }), 'iptables --version')).toBe('iptables v1.4.21\n');
    expect(runOn(box({ iptables: null }), 'iptables --version').code).toBe(127);
    expect(printed(box({ iptables: { ...both, backend: 'legacy' } }), 'iptables --version; iptables-nft --version')).toBe(
      'iptables v1.8.7 (legacy)\niptables v1.8.7 (nf_tables)\n',
    );
  });

  test('keeps rules a backend each, side by side, until the next boot', () => {
    const machine = box({ iptables: both });
    expect(runOn(machine, 'iptables-legacy -t nat -A POSTROUTING -j MASQUERADE').code).toBe(0);
    expect([...machine.kernel.loaded]).toContain('iptable_nat');
    expect(printed(machine, "iptables-legacy-save | grep '^-A'; iptables-nft-save | grep -c '^-A'")).toBe(
      '-A POSTROUTING -j MASQUERADE\n1\n',
    );
    runOn(machine, 'systemctl reboot');
    advancePower(machine, START + 600_000);
    expect(printed(machine, 'iptables-legacy-save')).toBe('');
  });

  test('fails to restore as the reports say, with 4 for nf_tables and 2 for legacy', () => {
    const lacks = ['nft_chain_nat', 'iptable_nat'];
    const nft = box({ lacks });
    expect(runOn(nft, 'iptables-restore', { stdin: RULES })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('xtables resource problem: line 3: TABLE_ADD failed (No such file or directory): table nat'),
    });
    const legacy = box({ lacks, iptables: { backend: 'legacy' } });
    expect(runOn(legacy, 'iptables-restore', { stdin: RULES })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("iptables-restore: unable to initialize table 'nat'"),
    });
    expect(runOn(legacy, 'iptables -t nat -A X -j Y')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('do you need to insmod?'),
    });
    expect(runOn(box(), 'iptables-restore; iptables-save', { stdin: RULES })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('PREROUTING'),
    });
  });
});

describe('what preflight says of it', () => {
  const MASQUERADE = ['nat -A POSTROUTING -j MASQUERADE'];
  test.each([
    ['el8 as it comes', {}, 'either', ''],
    ['el8 where nf_tables is wished', {}, 'nf_tables', ''],
    ['a Debian without iptables', { distro: 'debian12' }, 'nf_tables', ''],
    ['EL7', { distro: 'el7' }, 'either', ''],
    ['EL7 where nf_tables is wished', { distro: 'el7' }, 'nf_tables', 'iptables 1.4.21 does not say which backend it has'],
    ['a node that was switched', { iptables: { ...both, backend: 'legacy' } }, 'nf_tables', 'and only nf_tables is supported here'],
    [
      'rules in both',
      { iptables: { ...both, puts: { nf_tables: MASQUERADE, legacy: MASQUERADE } } },
      'either',
      'both backends of iptables hold rules',
    ],
    ['a kernel without the table', { lacks: ['nft_chain_nat'] }, 'either', 'has no nat table for the nf_tables backend of iptables 1.8.4'],
  ] as const)('%s', async (_what, options, supported, words) => {
    const { refusals } = await bookWorld(options).preview([preflight.iptablesBackend(supported)]);
    expect(refusals.length).toBe(words === '' ? 0 : 1);
    expect(refusals.join()).toContain(words);
  });
});
