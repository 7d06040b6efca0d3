import { describe, expect, it } from 'vitest';
import { onNode } from './by-hand.ts';
import { type Ended, linesOf, operator } from './drover.ts';
import { fleet } from './fleet.ts';
import { MOTD, motd } from './motd.ts';

const bob = { SUDO_USER: 'bob' };
const runIdOf = (ended: Ended): string => linesOf(ended)[0]?.run ?? '';
const refused = (ended: Ended, ...says: readonly RegExp[]): void => {
  for (const words of says) expect(ended.stderr).toMatch(words);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).not.toMatch(/\n\s+at .*:\d+:\d+|a bug in drover/);
};

describe('another operator, from another terminal', () => {
  it('pauses, approves and resumes a run, and the journal and show say who did', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const waits = anna.start(['run', motd(anna), '--set', 'slow=runner-1', '--yes', '--json'], { SUDO_USER: 'anna' });
    const runId = await waits.printed(/"run":"(\w+)"/);
    await waits.printed(/"type":"step.asked"/);
    expect((await anna.drover(['pause', runId], bob)).exitCode).toBe(0);
    expect((await waits.ended).exitCode).toBe(4);
    const approved = await anna.drover(['approve', runId, 'approval:go'], bob);
    expect(approved.stdout).toContain('approval:go approved by bob for runner-1');
    expect((await anna.drover(['resume', runId], { SUDO_USER: 'carla' })).exitCode).toBe(0);
    const show = (await anna.drover(['show', runId])).stdout;
    expect(show).toMatch(/motd\.ts on 1 node: runner-1 \(by anna\)/);
    expect(show).toContain('waits: paused by bob');
    expect(show).toContain('goes on: carla');
    expect(show).toContain('bob answered: yes');
    const watch = (await anna.drover(['watch', runId])).stdout;
    for (const words of ['paused by bob', 'goes on: carla', 'bob answered: yes']) expect(watch).toContain(words);
  }, 60_000);

  it('answers where an answer counts, with one that does, and is told where none does', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const steps = `person.asked({ id: 'store', title: 'store', wish: 1, to: 'the storage team', answer: ['ssd', 'disk'], instructions: () => 'which datastore?', observe: (ctx) => known(ctx.answers.store ?? null), unmet: (now) => (now === null ? ['nobody said which'] : []) }),
    person.asked({ id: 'cable', title: 'cable', wish: 1, instructions: () => 'plug it in', observe: () => reading(sh\`cat /etc/motd.d/cable\`, ({ exitCode }) => exitCode), unmet: (now) => (now === 0 ? [] : ['it is out']) }),`;
    const waits = anna.start(['run', motd(anna, { steps }), '--yes', '--json']);
    const runId = await waits.printed(/"run":"(\w+)"/);
    await waits.printed(
      /"type":"step.asked","step":"store","instructions":"which datastore\?","to":"the storage team","choices":\["ssd","disk"\],"untilMs":\d+,"byDefault":true,"otherwise":"stays"/,
    );
    expect((await anna.drover(['show', runId])).stdout).toMatch(
      new RegExp(
        `→ runner-1 waits for an answer of the storage team: which datastore\\?; drover answer ${runId} runner-1 store ssd\\|disk; at .* the step fails and the node stays as it is`,
      ),
    );
    refused(
      await anna.drover(['answer', runId, 'runner-1', 'store', 'dsk']),
      /runner-1 store takes ssd or disk, not "dsk"; did you mean disk\?/,
    );
    refused(
      await anna.drover(['answer', runId, 'runner-1', 'stor', 'disk']),
      /asks nothing at stor .*did you mean store\?; it waits at store/,
    );
    refused(await anna.drover(['approve', runId, 'store']), /store takes ssd or disk, not "yes"/);
    expect((await anna.drover(['answer', runId, 'runner-1', 'store', 'disk'], bob)).stdout).toContain('runner-1 store was answered by bob');
    await waits.printed(/"type":"step.asked","step":"cable"/);
    const none =
      /runner-1 cable takes no answer: it waits for a person to do this, and goes on by itself when drover sees that it is done: plug it in/;
    refused(await anna.drover(['answer', runId, 'runner-1', 'cable', 'yes']), none);
    refused(await anna.drover(['approve', runId, 'cable']), none);
    await onNode(sim, '127.77.0.11', 'printf x > /etc/motd.d/cable');
    expect((await waits.ended).exitCode).toBe(0);
  }, 60_000);

  it('replays what failed, and takes the whole run back after it has ended', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const steps = `change({ id: 'mended', title: 'mended', wish: 1, within: '1s', observe: () => reading(sh\`cat /etc/motd.d/mended\`, ({ exitCode }) => exitCode), unmet: (now) => (now === 0 ? [] : ['nobody has mended it']), apply: () => [sh\`true\`], rollback: () => [] })`;
    const failed = await anna.drover(['run', motd(anna, { steps }), '--yes', '--json'], { SUDO_USER: 'anna' });
    expect(failed.exitCode).toBe(4);
    const runId = runIdOf(failed);
    refused(
      await anna.drover(['replay', runId, '--from', 'mendet', '--yes']),
      /runner-1 has no step mendet; did you mean mended\?; it has preflight:disk-space, file:\/etc\/motd\.d\/drover, mended/,
    );
    for (const address of ['127.77.0.11', '127.77.0.12']) await onNode(sim, address, 'printf x > /etc/motd.d/mended');
    const replayed = await anna.drover(['replay', runId, '--yes', '--json'], bob);
    expect(replayed.exitCode).toBe(0);
    expect(linesOf(replayed).find(({ type, node }) => type === 'plan.started' && node === 'runner-1')).toMatchObject({
      by: 'bob',
      reset: ['mended'],
    });
    refused(await anna.drover(['replay', runId, '--yes']), /nothing to replay in run .*all that began ended as wished/);

    const back = await anna.drover(['rollback', runId, '--yes', '--json'], { SUDO_USER: 'carla' });
    expect(back.exitCode).toBe(3);
    expect(
      linesOf(back)
        .filter(({ type }) => type === 'plan.started')
        .map(({ node, by }) => [node, by]),
    ).toEqual([
      ['runner-2', 'carla'],
      ['runner-1', 'carla'],
    ]);
    for (const name of sim.names) expect(sim.node(name).file(MOTD.slice('file:'.length))).toBeUndefined();
    const show = (await anna.drover(['show', runId])).stdout;
    expect(show).toContain('tried again, by bob: looks anew at mended');
    expect(show).toContain('goes back, by carla');
    refused(await anna.drover(['rollback', runId, '--yes']), /nothing of run .* is to be taken back/);
    expect((await anna.drover(['cancel', runId, '--yes'])).stdout).toBe(
      `run ${runId}: has ended; drover show ${runId} tells where each node stands\n`,
    );
  }, 90_000);

  it('cancels a run, also one on which nobody works any more, and its nodes are free', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const words = ['run', motd(anna), '--set', 'broken=runner-1', '--yes', '--json'];
    const halted = await anna.drover(words, { SUDO_USER: 'anna' });
    expect(halted.exitCode).toBe(4);
    refused(await anna.drover(words, bob), new RegExp(`runner-1 is in run ${runIdOf(halted)}, started by anna at \\d{4}-`));
    const one = await anna.drover(['cancel', runIdOf(halted), 'runner-2', '--yes'], bob);
    expect(one).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`nobody works on run ${runIdOf(halted)} now`) });
    const cancelled = await anna.drover(['cancel', runIdOf(halted), '--yes'], bob);
    expect(cancelled).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('has ended') });
    expect((await anna.drover(['show', runIdOf(halted)])).stdout).toMatch(/runner-2 .*cancelled \(by bob\)/);
    expect((await anna.drover(['run', motd(anna), '--yes', '--json'])).exitCode).toBe(0);
  }, 60_000);
});

describe('what cannot be done any more', () => {
  it('is refused past the point of no return, with what can be done by hand', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const steps = `...(node.name === 'runner-1' ? [change({ id: 'burn', title: 'burn the bridge', wish: 1, observe: () => reading(sh\`cat /etc/burnt\`, ({ exitCode }) => (exitCode === 0 ? 'burnt' : 'whole')), unmet: (now) => (now === 'burnt' ? [] : ['it stands']), apply: () => [sh\`printf x > /etc/burnt\`], rollback: () => 'impossible' })] : [])`;
    const plan = await anna.drover(['plan', motd(anna, { steps }), 'runner-1']);
    expect(plan.stdout).toContain('undo   impossible: the point of no return');
    const ended = await anna.drover(['run', motd(anna, { steps }), '--yes', '--json']);
    expect(ended.exitCode).toBe(0);
    const runId = runIdOf(ended);
    const back = await anna.drover(['rollback', runId, '--yes']);
    refused(
      back,
      /runner-1: step burn \(burn the bridge\) cannot be taken back: it is past the point of no return/,
      /by hand, last change first:\n {2}- drover cannot undo: burn the bridge; before it was "whole"\n {2}- undo: write \/etc\/motd\.d\/drover\n {6}drover_restore/,
      new RegExp(`runner-2 can go back without: drover rollback ${runId} runner-2`),
    );
    expect((await anna.drover(['where', 'runner-1'])).stdout).toContain('drover cannot undo: burn the bridge; before it was "whole"');
    expect((await anna.drover(['rollback', runId, 'runner-2', '--yes'])).exitCode).toBe(3);
    expect(sim.node('runner-1').file('/etc/motd.d/drover')).toBeDefined();
  }, 60_000);

  it('is refused when what the run kept on the node was forgotten', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const runId = runIdOf(await anna.drover(['run', motd(anna), '--yes', '--json']));
    const young = await anna.drover(['forget', '--older-than', '1h', '--yes']);
    expect(young).toMatchObject({ exitCode: 0, stdout: 'runner-1: nothing is kept there that may be removed\n' });
    expect((await anna.drover(['forget', 'runner-1', '--run', runId, '--yes'])).exitCode).toBe(0);
    refused(
      await anna.drover(['rollback', runId, '--yes']),
      /runner-1: what run \w+ kept of \/etc\/motd\.d\/drover was forgotten: it is past the point of no return/,
      /by hand, last change first:\n {2}- drover cannot undo: write \/etc\/motd\.d\/drover; before it was \{"is":"absent"\}/,
    );
    expect(sim.node('runner-1').file('/etc/motd.d/drover')?.content).toBe('hello\n');
  }, 60_000);

  it('is not replayed with another runbook: what differs is named, step by step, before anything is said to the run', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const failed = await anna.drover(['run', motd(anna), '--set', 'broken=runner-1', '--yes', '--json']);
    expect(failed.exitCode).toBe(1);
    const runId = runIdOf(failed);
    const events = (await anna.drover(['show', runId, '--json'])).stdout;
    motd(anna, { text: 'other', steps: `file('/etc/more', { content: 'x' })` });
    refused(
      await anna.drover(['replay', runId, '--yes']),
      /the runbook motd is not what run \w+ began with: runner-1: step file:\/etc\/more is new; runner-1: step file:\/etc\/motd\.d\/drover wished .* and now wishes/,
    );
    expect((await anna.drover(['show', runId, '--json'])).stdout).toBe(events);
    // a rollback is never refused for it
    expect((await anna.drover(['rollback', runId, '--yes'])).exitCode).toBe(3);
  }, 60_000);
});
