import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Json } from '../../src/core/json.ts';
import { questions, readFact } from '../../src/core/fact.ts';
import { read } from '../contract/calls.ts';
import { facts } from '../facts/registry.ts';
import { contractMachine } from './contract-machine.ts';

// Takes cases for drover's facts from a real machine: `npm run captures` writes them into test/facts. Not part of any suite.

const { machine } = contractMachine();

const BY = 'captured by npm run captures';
/** What each fact is asked for; those of the cluster and of helm are captured elsewhere. */
const asked: Readonly<Record<string, readonly (readonly Json[])[]>> = {
  'address-holder': [['10.77.1.11'], ['10.77.0.1']],
  'boot-id': [[]],
  boot: [[]],
  connection: [['ens192'], ['none-such']],
  container: [['br_netfilter', 'overlay']],
  'disk-space': [[]],
  file: [['/etc/hostname'], ['/etc/none-such'], ['/etc/modules-load.d/modules.conf'], ['/dev/kmsg']],
  'live-address': [['ens192']],
  'module-scripts': [[]],
  'modules-blocked': [['iptable_nat', 'pcspkr']],
  'modules-listed': [[]],
  'modules-present': [['iptable_nat', 'configfs', 'nf_conntrack_ipv4', 'none_such']],
  'modules-similar': [['iptables_nat', 'none_such']],
  'mount-propagation': [['/']],
  packages: [['bash', 'open-vm-tools', 'none-such']],
  service: [['kubelet'], ['sshd'], ['none-such']],
  sysctl: [[['net.ipv4.ip_forward', 'net.netfilter.nf_conntrack_max', 'kernel.none_such'], '/etc/sysctl.d/50-own.conf']],
  iptables: [[]],
  virtualization: [[]],
};

const cases = z.array(z.looseObject({ source: z.string() }));

test('takes what the machine answers', async () => {
  const node = await machine();
  const kernel = (await read(node, 'uname -r')).done.get('0')?.stdout.trim() ?? '';
  const left = Object.keys(facts).filter((name) => !(name in asked));
  console.log(`not asked here: ${left.join(', ')}`);
  for (const [name, all] of Object.entries(asked)) {
    const taken: Json[] = [];
    for (const params of all) {
      const fact = facts[name]?.(params) ?? expect.fail(`the registry of facts has no ${name}`);
      const [question, ...more] = questions(fact);
      if (question?.via !== 'ssh' || more.length > 0) throw new Error(`${name} is not one question to the node`);
      const result = (await read(node, question.text)).done.get('0') ?? expect.fail(`${name} has no answer`);
      const state = readFact(fact, [{ command: result }]);
      const { stdout, stderr, exitCode } = result;
      taken.push({
        source: `Debian 12 with kernel ${kernel}, ${BY}`,
        ...(params.length > 0 && { params }),
        command: question.text,
        stdout,
        ...(stderr !== '' && { stderr }),
        exitCode,
        state,
      });
    }
    const path = new URL(`../facts/${name}.case.json`, import.meta.url);
    const kept = cases.parse(JSON.parse(await readFile(path, 'utf8'))).filter(({ source }) => !source.endsWith(BY));
    await writeFile(path, `${JSON.stringify([...kept, ...taken], null, 2)}\n`);
  }
});
