import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sshChannel } from '../../src/channels/ssh/channel.ts';
import { type Fact, questions, readFact } from '../../src/core/fact.ts';
import type { Json } from '../../src/core/json.ts';
import type { NodeChannel } from '../../src/core/ports.ts';
import { boot, bootId } from '../../src/facts/boot.ts';
import { file } from '../../src/facts/file.ts';
import { liveAddress } from '../../src/facts/live-address.ts';
import { modulesBlocked } from '../../src/facts/modules-blocked.ts';
import { modulesListed } from '../../src/facts/modules-listed.ts';
import { modulesPresent } from '../../src/facts/modules-present.ts';
import { modulesSimilar } from '../../src/facts/modules-similar.ts';
import { connection } from '../../src/facts/network-manager.ts';
import { packages } from '../../src/facts/package.ts';
import { service } from '../../src/facts/service.ts';
import { virtualization } from '../../src/facts/virtualization.ts';
import { type Sim, startSim } from '../../src/sim/index.ts';

const NAMES = ['iptable_nat', 'iptable_filter'];
const call = { signal: new AbortController().signal, timeoutMs: 10_000 };

let sim: Sim;
beforeAll(async () => {
  sim = await startSim({
    nodes: [
      { name: 'el', files: { '/etc/modules': 'iptable_nat\n', '/etc/modprobe.d/no.conf': 'blacklist iptable_filter\n' } },
      { name: 'deb', distro: 'debian12', virtualization: 'kvm' },
    ],
    speed: 600,
  });
});
afterAll(() => sim.close());

const channelTo = async (name: string): Promise<NodeChannel> => {
  const settings = { user: 'ops', port: sim.sshPort, jump: null, identityFile: sim.identityFile, knownHosts: sim.knownHosts };
  const channel = sshChannel({ settings, name, home: sim.dir, agent: undefined });
  await channel.hello({ name, addresses: sim.node(name).addresses, identity: null }, call);
  return channel;
};

/** What drover's facts see of a node, over its own ssh channel. */
const see = async (name: string, facts: readonly Fact[]): Promise<readonly Json[]> => {
  await using channel = await channelTo(name);
  const commands = facts.flatMap((fact) => questions(fact)).filter((question) => question.via === 'ssh');
  const results = await channel.read(commands, call);
  const answers = results.map((command) => ({ command }));
  return facts.map((fact) => readFact(fact, answers));
};

describe('what the facts see of a simulated node', () => {
  test('knows who a CentOS node is, its kernel and its virtualization', async () => {
    const node = sim.node('el');
    const [id, booted, virt] = await see('el', [bootId(), boot(), virtualization()]);
    expect(id).toBe(node.bootId);
    expect(booted).toEqual({
      bootId: node.bootId,
      machineId: node.machineId,
      kernel: '4.18.0-305.el8.x86_64',
      nextKernel: '4.18.0-305.el8.x86_64',
    });
    expect(virt).toEqual({ vm: 'vmware', container: 'none' });
  });

  test('tells listed, present, similar and blacklisted modules apart', async () => {
    const [listed, present, similar, blocked] = await see('el', [
      modulesListed(),
      modulesPresent([...NAMES, 'unix', 'ipt_mark', 'iptables_nat']),
      modulesSimilar(['iptables_nat']),
      modulesBlocked(NAMES),
    ]);
    expect(listed).toEqual({ commandLine: [], etcModules: ['iptable_nat'], files: {} });
    expect(present).toMatchObject({
      running: '4.18.0-305.el8.x86_64',
      loaded: [],
      kernels: {
        '4.18.0-305.el8.x86_64': {
          iptable_nat: { as: 'loadable' },
          unix: { as: 'built-in' },
          ipt_mark: { as: 'alias', of: ['xt_mark'] },
          iptables_nat: { as: 'absent' },
        },
      },
    });
    expect(similar).toEqual({ iptables_nat: 'iptable_nat' });
    expect(blocked).toEqual({ iptable_filter: '"blacklist iptable_filter" in /etc/modprobe.d/no.conf' });
  });

  test('reads the connection, on disk and live, of both kinds of files', async () => {
    const [el, live] = await see('el', [connection('ens192'), liveAddress('ens192')]);
    const [deb, none] = await see('deb', [connection('ens192'), connection('eth7')]);
    expect(el).toMatchObject({
      manager: 'running',
      profiles: [
        {
          addresses: ['127.77.0.11/24'],
          device: 'ens192',
          file: '/etc/sysconfig/network-scripts/ifcfg-ens192',
          gateway: '127.77.0.1',
          method: 'manual',
        },
      ],
    });
    expect(live).toEqual({ addresses: ['127.77.0.11/24'], device: 'ens192', dynamic: false, gateway: '127.77.0.1' });
    expect(deb).toMatchObject({
      profiles: [{ addresses: ['127.77.0.12/24'], file: '/etc/NetworkManager/system-connections/ens192.nmconnection' }],
    });
    expect(none).toEqual({ manager: 'running', profiles: [] });
  });

  test('reads services, packages and files', async () => {
    const [kubelet, tools, both, etc] = await see('el', [
      service('kubelet'),
      service('vmtoolsd'),
      packages(['bash', 'open-vm-tools']),
      file('/etc/modules'),
    ]);
    expect(kubelet).toEqual({ active: 'active', enabled: 'enabled', load: 'loaded', sub: 'running' });
    expect(tools).toEqual({ active: 'inactive', enabled: '', load: 'not-found', sub: 'dead' });
    expect(both).toEqual({ installed: { bash: '4.4.20-1.el8', 'open-vm-tools': null }, manager: 'dnf' });
    expect(etc).toMatchObject({ is: 'file', mode: '0644', owner: 'root', label: 'system_u:object_r:etc_t:s0' });
    const [apt] = await see('deb', [packages(['bash', 'open-vm-tools'])]);
    expect(apt).toEqual({ installed: { bash: '5.2.15-2+b7', 'open-vm-tools': null }, manager: 'apt-get' });
  });
});
