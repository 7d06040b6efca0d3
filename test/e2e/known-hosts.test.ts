import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { eventually } from '../eventually.ts';
import { type Operator, operator } from './drover.ts';
import { fleet, settings } from './fleet.ts';

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

it('is offered once when nodes have moved, prints their keys, and is written only when somebody says so', async () => {
  const before = readFileSync(sim.knownHosts, 'utf8');
  const ran = await anna.drover(['run', 'migrate-runner-node', ...settings(sim), '--soak', '100ms', '--yes', '--plain']);
  expect(ran.exitCode).toBe(0);
  const offer =
    /^known_hosts does not have 2 nodes at their new addresses: drover known-hosts (\w+) prints what to add, --write adds it$/gm;
  expect(ran.stdout.match(offer)).toHaveLength(1);
  const runId = offer.exec(ran.stdout)?.[1] ?? '';
  expect((await anna.drover(['show', runId])).stdout.match(offer)).toHaveLength(1);

  const printed = await anna.drover(['known-hosts', runId]);
  expect(printed.exitCode).toBe(0);
  const lines = printed.stdout.trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatch(new RegExp(`^\\[127\\.77\\.1\\.1[12]\\]:${sim.sshPort} ssh-ed25519 \\S+$`));
  expect(readFileSync(sim.knownHosts, 'utf8')).toBe(before);

  // somebody else answers where runner-2 was: nothing of it is taken
  await sim.occupy('127.77.0.12');
  const written = await anna.drover(['known-hosts', 'runner-1', 'runner-2', '--write']);
  expect(written.stdout).toBe(lines.map((line) => `added to ${sim.knownHosts}: ${line}\n`).join(''));
  const after = readFileSync(sim.knownHosts, 'utf8');
  expect(after.startsWith(before)).toBe(true);
  expect(after.slice(before.length).trim().split('\n')).toHaveLength(2);
  expect((await anna.drover(['known-hosts', '--write'])).stderr).toContain('known_hosts has all of them');
  expect(readFileSync(sim.knownHosts, 'utf8')).toBe(after);
  expect((await anna.drover(['show', runId])).stdout).not.toMatch(/known_hosts/);
  for (const line of lines) {
    const [host = '', , key = ''] = line.split(' ');
    expect(execFileSync('ssh-keygen', ['-F', host, '-f', sim.knownHosts]).toString()).toContain(key);
  }
}, 240_000);

it('says where another machine answers, whose key is not taken, and which word is neither a node nor a run', async () => {
  expect(await anna.drover(['known-hosts', 'nobody'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('there is no run nobody'),
  });
  const { bootCount } = sim.node('runner-1');
  sim.setFaults('runner-1', { strangerAfterBoot: 'host-key' });
  sim.vcenter.reset('runner-1');
  await eventually('it has booted', () => sim.node('runner-1').bootCount > bootCount);
  const { exitCode, stderr } = await anna.drover(['known-hosts', 'runner-1']);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/cannot reach runner-1.*it offered the host key/)]);
}, 120_000);
