import { setTimeout as wait } from 'node:timers/promises';
import { it } from 'vitest';
import { startSim } from '../../src/sim/index.ts';
import { operator } from '../e2e/drover.ts';
it('x y', async () => {
    await using sim = await startSim({ nodes: 1, speed: 60, networks: 'shared', path: process.env['PATH']! });
    await using anna = operator(sim);
    const run = anna.start(['run', 'migrate-runner-node', '--set', `gateway=${sim.gateway}`, '--set', 'move=none', '--yes', '--json']);
    const runId = await run.printed(/"run":"(\w+)"/);
    await run.printed(/"type":"step.started","step":"reboot"/, 30_000);
    run.child.kill('SIGKILL');
    await run.ended;
    console.log('killed');
    const resumed = anna.start(['resume', runId, '--json']);
    let out = ''; resumed.child.stdout!.on('data', (d) => (out += d)); resumed.child.stderr!.on('data', (d) => (out += d));
    for (let i = 0; i < 4; i++) { await wait(8000); const n = sim.node('runner-1'); console.log(i, n.power, n.bootCount, n.addresses, n.ready, n.cordoned, n.fence, JSON.stringify(n.refusals), JSON.stringify(n.commands.slice(5))); if (resumed.child.exitCode !== null) break; }
    console.log(out.slice(-1500));
}, 90_000);
