import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sim, startSim } from '../../src/sim/index.ts';
import { type Operator, type Running, operator } from './drover.ts';

const left: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of left.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** One node behind whose move a person stands, with a guard of some seconds. */
const begin = async (deadman: string): Promise<{ sim: Sim; anna: Operator; runs: Running }> => {
  const sim = await startSim({ nodes: 1, speed: 60, ...(process.env['PATH'] !== undefined && { path: process.env['PATH'] }) });
  const anna = operator(sim);
  left.push(sim, anna);
  const params = ['--set', `gateway=${sim.gateway}`, '--set', 'move=person', '--set', `deadman=${deadman}`];
  const runs = anna.start(['run', 'migrate-runner-node', ...params, '--yes', '--plain']);
  await runs.printed(/asks a person/, 60_000);
  return { sim, anna, runs };
};
const verdict = z.looseObject({
  type: z.literal('node.verdict'),
  verdict: z.looseObject({ verdict: z.string() }),
  next: z.looseObject({
    waits: z.string().nullable(),
    person: z.array(z.string()),
    drover: z.array(z.looseObject({ does: z.string(), until: z.number().optional() })),
  }),
});
const latest = async (anna: Operator): Promise<string> => /^(\w{6})\b/m.exec((await anna.drover(['runs'])).stdout)?.[1] ?? '';
/** The verdicts of a run as programs read them. */
const verdicts = async (anna: Operator, runId: string): Promise<z.infer<typeof verdict>[]> =>
  (await anna.drover(['show', runId, '--json'])).stdout
    .split('\n')
    .filter((line) => line.includes('"type":"node.verdict"'))
    .map((line) => verdict.parse(JSON.parse(line)));

describe('where a node was found after its boot', () => {
  it('is told with the way out of it: nobody answers, then the guard has brought it back to its old address', async () => {
    const { sim, anna, runs } = await begin('5s');
    // the person restarts the VM and forgets to move it
    sim.vcenter.reset('runner-1');
    const said = await runs.printed(/(\? nobody answers at [^]*?then runner-1 fails[^\n]*\n)/, 60_000);
    expect(said).toMatch(/^\? nobody answers at 127\.77\.0\.11 or 127\.77\.1\.11$/m);
    expect(said).toMatch(/^→ waits: reboot$/m);
    expect(said).toMatch(/^→ you: finish what was asked; look at its console: drover where runner-1 has the commands$/m);
    expect(said).toMatch(
      /^→ drover: tries 127\.77\.0\.11, 127\.77\.1\.11 until \d\d:\d\d; the node returns to its old address 5s after its boot \(25s if the new gateway answers\); then runner-1 fails, and stays as it is$/m,
    );

    await runs.printed(/the node has gone back to its old address by itself/, 60_000);
    expect((await runs.ended).exitCode).toBe(4);
    const runId = await latest(anna);
    const told = await verdicts(anna, runId);
    expect(told.map((one) => one.verdict.verdict)).toEqual(['nobody', 'rebooted-at-old']);
    expect(told[0]?.next.waits).toBe('reboot');
    const { stdout } = await anna.drover(['show', runId]);
    expect(stdout).toMatch(/→ runner-1: rebooted, but at its old address 127\.77\.0\.11 instead of 127\.77\.1\.11/);
    expect(stdout).toMatch(/→ {3}waits: reboot/);
    expect(stdout).toMatch(/→ {3}you: see that runner-1 can be reached at 127\.77\.1\.11 \(its network, the address\)/);
    expect(stdout).toMatch(/→ {3}drover: nothing before that; the node's guard holds the old address/);
    expect(stdout).toContain(`drover replay ${runId} runner-1`);
    const { stdout: where } = await anna.drover(['where', 'runner-1']);
    expect(where).toMatch(/ {2}runner-1: rebooted, but at its old address/);
    expect(where).toMatch(/you: see that runner-1 can be reached at 127\.77\.1\.11/);
  }, 240_000);

  it('is another machine, which gets nothing: named by its address and what differs, with what is done meanwhile', async () => {
    const { sim, anna, runs } = await begin('10m');
    sim.setFaults('runner-1', { strangerAfterBoot: 'host-key' });
    sim.person.moveAndRestart('runner-1');
    const said = await runs.printed(/(! another machine answers at [^]*?then runner-1 fails[^\n]*\n)/, 60_000);
    expect(said).toMatch(
      /^! another machine answers at 127\.77\.1\.11: it offered the host key ssh-ed25519 SHA256:\S+, but runner-1 showed SHA256:/m,
    );
    expect(said).toMatch(
      /^→ you: find out what answers at 127\.77\.1\.11, and take it off that address; was runner-1 installed anew\? drover forget runner-1 --pins$/m,
    );
    expect(said).toMatch(/^→ drover: sends it nothing, looks on until .*the node returns/m);
    const runId = await latest(anna);
    const { stdout } = await anna.drover(['show', runId]);
    expect(stdout).toMatch(/→ runner-1: another machine answers at 127\.77\.1\.11/);
    expect((await verdicts(anna, runId)).at(-1)).toMatchObject({
      verdict: { verdict: 'another-machine', address: '127.77.1.11' },
      next: { waits: 'reboot' },
    });
    // the stranger leaves, and the node is found
    sim.setFaults('runner-1', {});
    await runs.printed(/rebooted, answers at 127\.77\.1\.11/, 60_000);
    expect((await runs.ended).exitCode).toBe(0);
    expect((await anna.drover(['show', runId])).stdout).not.toMatch(/→ runner-1/);
  }, 240_000);
});
