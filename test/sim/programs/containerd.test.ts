import { describe, expect, test } from 'vitest';
import { questions, readFact } from '../../../src/core/fact.ts';
import type { Fact } from '../../../src/core/fact.ts';
import type { Json } from '../../../src/core/json.ts';
import { packageHistory } from '../../../src/facts/package-history.ts';
import { packageVersions } from '../../../src/facts/package-versions.ts';
import { runtimeVersion } from '../../../src/facts/runtime-version.ts';
import { serviceSince } from '../../../src/facts/service-since.ts';
import type { Machine } from '../../../src/sim/node/machine.ts';
import { START, box, printed, runOn } from '../box.ts';

const NAMES = ['containerd.io', 'containerd'];
const PAST = [
  { version: '1.6.8', hoursAgo: 48 },
  { version: '1.6.14', hoursAgo: 24 },
];
const see = (machine: Machine, fact: Fact, at = START): Json =>
  readFact(
    fact,
    questions(fact).map((question) => {
      if (question.via !== 'ssh') throw new Error('it asks no node');
      const { code, stdout, stderr } = runOn(machine, question.text, { at });
      return { command: { exitCode: code, stdout, stderr, durationMs: 1 } };
    }),
  );
const ago = (hours: number): string => new Date(START - hours * 3_600_000).toISOString().replace('.000Z', 'Z');

describe.each(['el8', 'debian12'] as const)('a node with a past of containerd (%s)', (distro) => {
  const end = distro === 'el8' ? '-3.1.el8' : '-1';
  const manager = distro === 'el8' ? 'dnf' : 'apt-get';

  test('tells its past as the logs of its package manager have it', () => {
    const [old, bad] = [`1.6.8${end}`, `1.6.14${end}`];
    expect(see(box({ distro, containerd: PAST }), packageHistory(NAMES))).toEqual({
      bootedAt: ago(72),
      installs: [
        { at: ago(48), before: null, package: 'containerd.io', version: old },
        { at: ago(24), ...(distro === 'debian12' && { before: old }), package: 'containerd.io', version: bad },
      ],
    });
  });

  test('tells since when what runs', () => {
    const machine = box({ distro, containerd: PAST });
    expect(see(machine, runtimeVersion())).toEqual({ installed: '1.6.14', running: '1.6.14' });
    expect(see(machine, serviceSince('containerd'))).toEqual({ at: ago(24), settled: true, sinceBootMs: 48 * 3_600_000 });
    expect(see(machine, serviceSince('kubelet'))).toEqual({ at: ago(72), settled: true, sinceBootMs: 0 });
  });

  test('has the versions that it can have, goes up and down, restarts the service with its package, and writes it down', () => {
    const machine = box({ distro, containerd: PAST });
    expect(see(machine, packageVersions(NAMES))).toMatchObject({
      available: { 'containerd.io': expect.arrayContaining([`1.6.14${end}`, `1.6.18${end}`]) },
      manager,
    });
    const up = distro === 'el8' ? `dnf -q -y install containerd.io-1.6.18${end}` : `apt-get -q -y install containerd.io=1.6.18${end}`;
    const down =
      distro === 'el8'
        ? `dnf -q -y downgrade containerd.io-1.6.14${end}`
        : `apt-get -q -y --allow-downgrades install containerd.io=1.6.14${end}`;
    expect(runOn(machine, up).code).toBe(0);
    expect(see(machine, runtimeVersion())).toEqual({ installed: '1.6.18', running: '1.6.18' });
    expect(see(machine, serviceSince('containerd'), START + 75_000)).toMatchObject({ settled: false });
    expect(runOn(machine, down).code).toBe(0);
    expect(see(machine, runtimeVersion())).toEqual({ installed: '1.6.14', running: '1.6.14' });
    expect(see(machine, packageHistory(NAMES))).toMatchObject({
      installs: [{}, {}, { version: `1.6.18${end}` }, { version: `1.6.14${end}` }],
    });
  });
});

describe('the package managers', () => {
  test('refuse what they would refuse', () => {
    const deb = box({ distro: 'debian12', containerd: PAST });
    expect(runOn(deb, 'apt-get -y install containerd.io=1.6.19-1')).toMatchObject({
      code: 100,
      stderr: "E: Version '1.6.19-1' for 'containerd.io' was not found\n",
    });
    expect(runOn(deb, 'apt-get -y install containerd.io=1.6.8-1')).toMatchObject({
      code: 100,
      stderr: 'E: Packages were downgraded and -y was used without --allow-downgrades.\n',
    });
    expect(printed(deb, 'apt-mark hold containerd.io; apt-mark showhold')).toBe('containerd.io set on hold.\ncontainerd.io\n');
    expect(runOn(deb, 'apt-get -y install containerd.io=1.6.18-1').stderr).toContain('E: Held packages were changed');
    expect(runOn(box({ containerd: PAST }), 'dnf -y install containerd.io-1.6.19')).toMatchObject({
      code: 1,
      stderr: 'No match for argument: containerd.io-1.6.19\nError: Unable to find a match: containerd.io-1.6.19\n',
    });
  });

  test('leave the old version running where a policy of the machine forbids to touch services', () => {
    const machine = box({ distro: 'debian12', containerd: PAST, files: { '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n' } });
    runOn(machine, 'apt-get -y install containerd.io=1.6.18-1');
    expect(see(machine, runtimeVersion())).toEqual({ installed: '1.6.18', running: '1.6.14' });
    runOn(machine, 'systemctl restart containerd');
    expect(see(machine, runtimeVersion())).toEqual({ installed: '1.6.18', running: '1.6.18' });
  });

  test('tell the containerd of the distribution on a node without a past', () => {
    expect(see(box(), runtimeVersion())).toEqual({ installed: '1.6.33', running: '1.6.33' });
    expect(see(box({ distro: 'debian12' }), runtimeVersion())).toEqual({ installed: '1.6.20~ds1', running: '1.6.20~ds1' });
    expect(see(box({ distro: 'debian12' }), packageVersions(NAMES))).toMatchObject({
      available: { containerd: ['1.6.20~ds1-1+b1'] },
      installed: { containerd: '1.6.20~ds1-1+b1' },
    });
  });

  test('ctr tells its own version and fails where nobody answers', () => {
    const machine = box({ containerd: PAST });
    runOn(machine, 'systemctl stop containerd');
    expect(see(machine, runtimeVersion())).toEqual({ installed: '1.6.14', running: null });
    expect(runOn(machine, 'ctr version').code).toBe(1);
  });
});
