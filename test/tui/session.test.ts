import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { type Operator, operator } from '../e2e/drover.ts';
import { fleet } from '../e2e/fleet.ts';
import { motd } from '../e2e/motd.ts';
import { paneOf } from './pane.ts';
import { provideTmux } from './tmux.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
let sim: Sim;
let anna: Operator;
beforeAll(async () => {
  provideTmux();
  sim = await fleet(2, { faults: { 'runner-1': { modulesNotLoadedAtBoot: ['iptable_nat'] } } });
  anna = operator(sim);
});
afterAll(async () => {
  await anna[Symbol.asyncDispose]();
  await sim[Symbol.asyncDispose]();
});

describe('an operator at a terminal', () => {
  test('is asked for what is missing, reads the plan, sees a node fail, reads why, replays it, and sees the rest finish', async () => {
    await using pane = await paneOf(anna, sim, { columns: 120, rows: 40 });
    await pane.line('drover run migrate-runner-node --set move=none --soak 0s');
    await pane.shows(/gateway +.*required/);
    await pane.press('1', '2', '7', '.');
    await pane.shows(/× Invalid IPv4/);
    await pane.press('7', '7', '.', '1', '.', '1');
    await pane.shows(/all there/);
    await pane.press('Enter');
    const plan = await pane.shows(/Begin on runner-\[1-2\] \(2 nodes\)\?/);
    expect(plan).toMatch(/systemctl stop kubelet/);
    await pane.press('y');
    // the proof has its time: twenty seconds
    await pane.shows(/× 1 failed/, 60_000);
    // the second node has not begun: the canary failed
    expect(sim.node('runner-2').cordoned).toBe(false);
    await pane.press('n', 'Enter');
    const why = await pane.shows(/^× runner-1 .*failed/m);
    expect(why).toMatch(/iptable_nat/);
    sim.setFaults('runner-1', {});
    await pane.press('r');
    await pane.shows(/Retry runner-1 from/);
    await pane.press('y');
    await pane.shows(/^■ runner-1 .*done/m, 60_000);
    await pane.press('Escape');
    await pane.shows(/succeeded after/, 60_000);
    await pane.press('q');
    await pane.shows(/2 nodes: 2 succeeded/);
    await pane.line('echo rc=$?');
    await pane.shows(/rc=0/);
    expect(sim.node('runner-1')).toMatchObject({ cordoned: false });
    expect(sim.node('runner-2')).toMatchObject({ cordoned: false, bootCount: 2 });
  });

  test('sees a gate clear that somebody approves in another terminal, answers a question, and takes one node back', async () => {
    // a step of a runbook that goes by what it is told
    const ticket = `change({ id: 'ticket', title: 'ticket', wish: 'one', within: '5m', observe: (ctx) => known(ctx.answers['ticket'] ?? null), unmet: (now) => (now === null ? ['nobody said which ticket'] : []), apply: () => [{ via: 'person', instructions: 'which ticket?', words: true }], rollback: () => [] })`;
    const runbook = motd(anna, { steps: `...(node.name === 'runner-1' ? [${ticket}] : [])` });
    await using first = await paneOf(anna, sim, { columns: 110, rows: 30 });
    await first.line(`drover run ${runbook} --set slow=runner-1 --yes`);
    await first.shows(/runner-1 .*approval:go[^]*go on\?/);
    const id = /run (\w{6})/.exec(await first.screen())?.[1] ?? '';
    await using second = await paneOf(anna, sim, { columns: 110, rows: 30 });
    await second.line(`drover approve ${id} approval:go`);
    await second.shows(/approved by/);
    await first.shows(/runner-1 .*ticket[^]*which ticket\?/);
    await first.press('A', 'C', 'H', 'G', '-', '7', 'Enter');
    await first.shows(/Answer ticket on runner-1 with "CHG-7"\?/);
    await first.press('y');
    await first.shows(/2 done/);
    await second.line(`drover show ${id} | grep CHG`);
    await second.shows(/ticket.*CHG-7/);
    expect(await first.screen()).not.toMatch(/waiting for you/);
    await first.press('/', '2', 'Enter');
    await first.shows(/^(?![^]*runner-1 )[^]*runner-2/);
    await first.press('b');
    await first.shows(/undo: write \/etc\/motd\.d\/drover[^]*Roll runner-2 back\?/);
    await first.press('y');
    await first.shows(/↶ 1 rolled back/);
    // the node has ended a moment before the run, and whoever leaves in between is asked
    await first.shows(/rolled back after/);
    await first.press('Escape');
    await first.press('q');
    await first.shows(/1 rolled-back \(runner-2\)/);
  });

  test('leaves a run that a worker has, is told who, and the run goes on', async () => {
    // before the worker begins, which loads a runbook once
    const runbook = motd(anna, { text: 'once more' });
    await using other = await paneOf(anna, sim, { columns: 110, rows: 30 });
    await other.line('drover worker');
    await other.shows(/takes up to/);
    await using pane = await paneOf(anna, sim, { columns: 110, rows: 30 });
    await pane.line(`drover run ${runbook} --set slow=runner-1 --yes`);
    await pane.shows(/runner-1 .*approval:go/);
    const id = /run (\w{6})/.exec(await pane.screen())?.[1] ?? '';
    await pane.press('q');
    await pane.shows(/Leave the screen\? the run goes on: worker \d+ on \S+ has it/);
    await pane.press('y');
    await pane.shows(new RegExp(`left run ${id}; the workers go on with it`));
    await pane.line('echo rc=$?');
    await pane.shows(/rc=130/);
    expect((await anna.drover(['approve', id, 'approval:go'])).exitCode).toBe(0);
    await pane.line(`drover watch ${id}`);
    await pane.shows(/2 done/);
    await pane.press('q');
    await pane.shows(/2 nodes: 2 succeeded/);
    await pane.line('echo rc=$?');
    await pane.shows(/rc=0/);
    await other.press('C-c');
  });
});
