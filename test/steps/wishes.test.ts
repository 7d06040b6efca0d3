import { expect, test } from 'vitest';
import { fold } from '../../src/core/reduce.ts';
import { next } from '../../src/core/next.ts';
import { layOut } from '../../src/core/plan.ts';
import { address } from '../../src/steps/address.ts';
import { file } from '../../src/steps/file.ts';
import { kernelModules } from '../../src/steps/kernel-modules.ts';
import { packages } from '../../src/steps/packages.ts';
import { sysctl } from '../../src/steps/sysctl.ts';
import { moduleScript } from '../../src/steps/module-script.ts';
import { reboot } from '../../src/steps/reboot.ts';
import { person } from '../../src/steps/person.ts';
import { known } from '../../src/core/fact.ts';

test('refuses to list modules in a file that systemd does not read', () => {
  expect(() => kernelModules(['iptable_nat'], { file: '/etc/modules' })).toThrow('kernelModules: systemd does not read /etc/modules');
});

test('refuses a sysctl whose module nobody loads early, a file that systemd does not read, and a pattern', () => {
  const file = '/etc/sysctl.d/x.conf';
  expect(() => sysctl({ 'net.netfilter.nf_conntrack_max': { atLeast: 1 } }, { file })).toThrow(
    'sysctl: net.netfilter.nf_conntrack_max exists only while nf_conntrack is loaded',
  );
  expect(() => sysctl({ 'vm.swappiness': { atMost: 1 } }, { file: '/etc/sysctl.conf' })).toThrow('/etc/sysctl.conf is not a file like');
  expect(() => sysctl({ 'net.ipv4.conf.*.rp_filter': { exactly: 1 } }, { file })).toThrow('is not the name of one key');
  expect(() => moduleScript(['x'], { file: '/etc/rc.local' })).toThrow('/etc/rc.local is not a file like');
});

test('plans the module before the sysctl, in the way that the file says, and no module for a key of any kernel', () => {
  const file = '/etc/sysctl.d/x.conf';
  const ids = (modules: string): readonly string[] =>
    sysctl({ 'net/bridge/bridge-nf-call-iptables': { exactly: 1 } }, { file, modules }).map(({ id }) => id);
  expect(ids('/etc/modules-load.d/x.conf')).toEqual(['kernel-modules:/etc/modules-load.d/x.conf', `sysctl:${file}`]);
  expect(ids('/etc/sysconfig/modules/x.modules')).toEqual(['module-script:/etc/sysconfig/modules/x.modules', `sysctl:${file}`]);
  expect(sysctl({ 'vm.swappiness': { atMost: 10 } }, { file }).map(({ id }) => id)).toEqual([`sysctl:${file}`]);
});

test('refuses an address without its prefix', () => {
  expect(() => address({ connection: 'ens192', address: '10.77.1.11', gateway: '10.77.1.1' })).toThrow(
    '10.77.1.11 is not an IPv4 address with a prefix',
  );
});

test('refuses a file mode that is not four octal digits, and a relative path', () => {
  expect(() => file('/etc/x', { content: '', mode: '644' })).toThrow('the mode 644 of /etc/x is not four octal digits');
  expect(() => file('etc/x', { content: '' })).toThrow('etc/x is not an absolute path');
});

test('installs packages by a command that outlives the connection', () => {
  const step = packages.installed(['tmux']);
  if (step.kind !== 'change') throw new Error('packages.installed is a change');
  const ctx = {
    runId: 'r',
    direction: 'forward',
    node: { name: 'n', addresses: [], labels: {}, vars: {} },
    answers: {},
    awaiting: [],
  } as const;
  expect(step.apply({ installed: { tmux: null }, manager: 'dnf' }, ctx)).toMatchObject([{ via: 'ssh', durable: true }]);
});

test('tells where the node will answer after its address has changed', () => {
  const step = address({ connection: 'ens192', address: '10.77.1.11/23', gateway: '10.77.1.1' });
  expect(step).toMatchObject({ takesEffect: 'boot', moves: { to: '10.77.1.11' }, proof: { kind: 'gate', id: 'address:ens192:live' } });
});

test('asks the person to take the work back as well', () => {
  const step = person.asked({
    id: 'person:cable',
    title: 'plug the cable in',
    wish: true,
    within: '1h',
    instructions: (direction) => (direction === 'forward' ? 'plug it in' : 'pull it out'),
    observe: () => known(false),
    unmet: (now) => (now ? [] : ['the cable is out']),
  });
  const ctx = {
    runId: 'r',
    direction: 'back',
    node: { name: 'n', addresses: [], labels: {}, vars: {} },
    answers: {},
    awaiting: [],
  } as const;
  expect(step.apply(false, ctx)).toStrictEqual([{ via: 'person', instructions: 'pull it out' }]);
  expect(step.rollback(false, ctx)).toStrictEqual([{ via: 'person', instructions: 'pull it out' }]);
});

test('judges a replayed reboot by the boot of its own attempt, not by that of the first', () => {
  const plan = layOut([reboot({ within: '1m' })]);
  const at = (seq: number) => ({ seq, at: seq });
  const first = { bootId: 'boot-1', proofs: {} };
  const second = { bootId: 'boot-2', proofs: {} };
  const start = { type: 'plan.started', plan: 'forward', fingerprint: 'f', outline: [], by: 'b' } as const;
  const run = fold([
    { ...start, ...at(1), reset: [] },
    { type: 'step.started', step: 'reboot', attempt: 1, before: first, bootId: 'boot-1', ...at(2) },
    { type: 'step.verified', step: 'reboot', after: second, bootId: 'boot-2', ...at(3) },
    { ...start, ...at(4), reset: ['reboot'] },
    { type: 'step.started', step: 'reboot', attempt: 2, before: second, bootId: 'boot-2', ...at(5) },
    { type: 'step.applied', step: 'reboot', durationMs: 1, bootId: 'boot-2', ...at(6) },
  ]);
  expect(next(plan, 'pause', run)).toMatchObject({ do: 'verify', before: second });
  // what the first attempt found is kept for the way back
  expect(run.steps['reboot']?.before).toStrictEqual(first);
});
