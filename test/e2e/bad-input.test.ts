import { readFileSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { type Operator, operator } from './drover.ts';
import { fleet } from './fleet.ts';

let sim: Sim;
let anna: Operator;
beforeAll(async () => {
  sim = await fleet(2);
  anna = operator(sim);
});
afterAll(async () => {
  await anna[Symbol.asyncDispose]();
  await sim.close();
});

const run = (...more: readonly string[]): string[] => [
  'run',
  'migrate-runner-node',
  '--set',
  `gateway=${sim.gateway}`,
  '--set',
  'move=none',
  '--yes',
  ...more,
];

/** A fleet.yaml of its own, made from the simulator's. */
const fleetWith = (name: string, change: (text: string) => string): string => {
  const path = join(anna.stateDir, `${name}.yaml`);
  writeFileSync(path, change(readFileSync(sim.fleetYaml, 'utf8')));
  return path;
};
const runbookWith = (name: string, steps: string): string => {
  const path = join(anna.stateDir, `${name}.ts`);
  writeFileSync(
    path,
    `import { change, gate, known, reboot, runbook, sh, z } from 'drover';
const step = (id: string, more = {}) => change({ id, title: id, wish: id, observe: () => known(null), unmet: () => ['x'], apply: () => [sh\`true\`], rollback: () => [], ...more });
const proof = gate({ id: 'p', title: 'p', wish: 1, observe: () => known(null), unmet: () => [] });
export default runbook({ name: '${name}', summary: 'x', version: 1, params: z.object({}), vars: z.object({}).loose(), rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 }, onFailure: 'pause', steps: () => [${steps}] });\n`,
  );
  return path;
};

type Case = {
  readonly args: () => readonly string[];
  readonly env?: () => Readonly<Record<string, string>>;
  readonly says: RegExp;
  readonly code?: number;
};

const cases: Readonly<Record<string, Case>> = {
  'an unknown runbook': { args: () => ['run', 'migrate-runer-node', '--yes'], says: /no runbook migrate-runer-node.*migrate-runner-node/s },
  'an unknown node': { args: () => run('runer-1'), says: /no node runer-1.*runner-1/s },
  'an unknown parameter': { args: () => run('--set', 'gatway=1.2.3.4'), says: /no parameter gatway.*gateway/s },
  'a parameter of the wrong kind': {
    args: () => ['run', 'migrate-runner-node', '--set', 'gateway=nowhere', '--yes'],
    says: /gateway.*IPv4/s,
  },
  'a missing parameter': { args: () => ['run', 'migrate-runner-node', '--yes'], says: /parameter gateway is missing.*--set gateway=/s },
  'a selector without a match': { args: () => run('-l', 'role=none'), says: /role=none.*role: gitlab-runner/s },
  'a fleet.yaml with a wrong key': {
    args: () =>
      run(
        '--fleet',
        fleetWith('wrong', (text) => text.replace('address:', 'adress:')),
      ),
    says: /wrong\.yaml:\d+:\d+.*adress.*address/s,
  },
  'a fleet.yaml that is no YAML': {
    args: () =>
      run(
        '--fleet',
        fleetWith('broken', (text) => `${text}\n  - [`),
      ),
    says: /broken\.yaml:\d+/,
  },
  'a node without a var': {
    args: () =>
      run(
        '--fleet',
        fleetWith('novar', (text) => text.replaceAll('newAddress', 'oldAddress')),
      ),
    says: /novar\.yaml:\d+.*runner-1.*newAddress/s,
  },
  'no fleet.yaml': { args: () => run('--fleet', '/nowhere/fleet.yaml'), says: /no file \/nowhere\/fleet\.yaml/ },
  'a Redis out of reach': {
    args: () => run(),
    env: () => ({ REDIS_URL: 'redis://:secret@127.0.0.1:1' }),
    says: /127\.0\.0\.1:1.*(REDIS_URL|cannot be reached)/s,
    code: 5,
  },
  'no kubeconfig': {
    args: () =>
      run(
        '--fleet',
        fleetWith('nokube', (text) => text),
      ),
    env: () => ({ KUBECONFIG: '/nowhere/config' }),
    says: /\/nowhere\/config/,
  },
  'a key that the node does not take': {
    args: () => {
      const { privateKey } = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
        publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
      });
      writeFileSync(join(anna.stateDir, 'other-key'), privateKey, { mode: 0o600 });
      return run(
        '--fleet',
        fleetWith('wrongkey', (text) => text.replace(/identityFile: .*/, `identityFile: ${join(anna.stateDir, 'other-key')}`)),
      );
    },
    says: /runner-1.*(key|publickey|authentication)/is,
  },
  'an unknown host key': {
    args: () => {
      writeFileSync(join(anna.stateDir, 'known_hosts_empty'), '');
      return run(
        '--fleet',
        fleetWith('unknownhost', (text) => text.replace(/knownHosts: .*/, `knownHosts: ${join(anna.stateDir, 'known_hosts_empty')}`)),
      );
    },
    says: /SHA256:.*ssh-ed25519 AAAA/s,
  },
  'a changed host key': {
    args: () => {
      // each node is known by the key of the other
      const swapped = readFileSync(sim.knownHosts, 'utf8').replaceAll(/runner-[12]|127\.77\.\d+\.1[12]/g, (word) =>
        word.replace(/[12]$/, (digit) => (digit === '1' ? '2' : '1')),
      );
      writeFileSync(join(anna.stateDir, 'known_hosts_other'), swapped);
      return run(
        '--fleet',
        fleetWith('changedhost', (text) => text.replace(/knownHosts: .*/, `knownHosts: ${join(anna.stateDir, 'known_hosts_other')}`)),
      );
    },
    says: /known_hosts_other:1.*SHA256:|SHA256:.*known_hosts_other:1/s,
  },
  'a module that does not exist': {
    args: () => run('--set', 'modules=iptables_nat'),
    says: /no module iptables_nat.*did you mean iptable_nat/,
  },
  'a user without sudo': {
    args: () =>
      run(
        '--fleet',
        fleetWith('nosudo', (text) => text.replace(/user: ops/, 'user: guest')),
      ),
    says: /runner-1.*guest.*sudoers/s,
  },
  'a runbook with two steps of one id': {
    args: () => ['run', runbookWith('twice', "step('a'), step('a')"), '--yes'],
    says: /two steps have the id a/,
  },
  'a proof that can never run': {
    args: () => ['run', runbookWith('never', "step('a', { proof })"), '--yes'],
    says: /proof p of step a can never run/,
  },
  'a guard that would guard nothing': {
    args: () => ['run', runbookWith('guard', "step('a', { proof }), reboot({ within: '1m', deadman: '5m' })"), '--yes'],
    says: /deadman: 5m.*no change before it moves the node/,
  },
  'a new address that is taken': {
    // where the simulated API server listens, at the same port as the nodes
    args: () =>
      run(
        '--fleet',
        fleetWith('taken', (text) => text.replace('127.77.1.11/24', '127.77.255.254/24')),
      ),
    says: /runner-1 is to move to 127\.77\.255\.254, but a machine answers there already/,
  },
  'two nodes that are to get one address': {
    args: () =>
      run(
        '--fleet',
        fleetWith('same', (text) => text.replace('127.77.1.12/24', '127.77.1.11/24')),
      ),
    says: /runner-1 is to move to 127\.77\.1\.11, which runner-2/,
  },
  'no node that may be away': {
    args: () => run('--max-unavailable', '0'),
    says: /"0" cannot be used for max-unavailable: .*at least 1 is meant, or a percentage/,
  },
  'more nodes away than there are': { args: () => run('--max-unavailable', '150%'), says: /"150%" cannot be used.*at most 100%/ },
  'a share of no nodes': { args: () => run('--max-unavailable', '0%'), says: /"0%" cannot be used.*above 0%/ },
  'more canaries than nodes': {
    args: () => run('--canary', '3'),
    says: /canary is 3; the run has only 2 nodes; canaries are some of them/,
  },
  'a canary of a run with one node less': { args: () => run('--canary', '2', 'runner-1'), says: /canary is 2; the run has only 1 node;/ },
  'a number of failures that is none': {
    args: () => run('--max-failures', 'few'),
    says: /"few" cannot be used for max-failures: a whole number/,
  },
  'a time that is none': { args: () => run('--soak', '5'), says: /"5" cannot be used for soak: a time is meant: 90s, 5m, 1h/ },
  'a label to spread by that a node lacks': {
    args: () => run('--spread', 'rack'),
    says: /spread is rack; runner-1, runner-2 have no such label/,
  },
  'a full disk': {
    args: () => {
      sim.setFaults('runner-2', { diskFull: true });
      return run();
    },
    says: /runner-2.*full.*--exclude runner-2/s,
  },
  'an unknown command': { args: () => ['rnu'], says: /rnu.*run/s },
  'an unknown run': { args: () => ['watch', 'zzzzzz'], says: /no run zzzzzz.*drover runs/s },
};

describe('bad input', () => {
  it.each(Object.entries(cases))('answers %s with one clear message, and touches nothing', async (_what, { args, env, says, code = 2 }) => {
    const ended = await anna.drover(args(), env?.());
    expect(ended.stderr).toMatch(says);
    expect(ended.exitCode).toBe(code);
    expect(ended.stdout + ended.stderr).not.toMatch(/\n\s+at .*:\d+:\d+|secret|DOMException/);
    for (const name of sim.names) expect(sim.node(name)).toMatchObject({ commands: [], cordoned: false, bootCount: 1 });
    sim.setFaults('runner-2', {});
  });
});
