import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopRedis } from '../../queue/redis-server.ts';
import { gitlabRunners, startSim } from '../../sim/index.ts';
import type { Cli } from '../context.ts';
import { playPerson } from '../demo-person.ts';
import type { OutputFlags } from '../flags.ts';
import { run } from './run.ts';

/** The flags of `drover demo`. */
export type DemoFlags = OutputFlags & { readonly nodes?: number; readonly serve?: boolean; readonly fault?: boolean };

/** Keeps a simulated fleet up until it is interrupted; its nodes answer at their new address without anybody moving a VM. */
const serve = async (cli: Cli, dir: string, nodes: number | undefined): Promise<void> => {
  try {
    await using sim = await startSim({
      nodes: nodes ?? gitlabRunners,
      dir: join(dir, 'fleet'),
      networks: 'shared',
      ...(cli.env['PATH'] !== undefined && { path: cli.env['PATH'] }),
    });
    cli.stdout.write(`A simulated fleet is up: ${sim.names.join(', ')}. In another terminal:

  export DROVER_FLEET=${sim.fleetYaml} KUBECONFIG=${sim.env.KUBECONFIG} PATH=${join(sim.dir, 'bin')}:$PATH DROVER_STATE_DIR=${join(dir, 'state')}
  drover plan migrate-runner-node --set gateway=${sim.gateway} --set move=none

Ctrl-C ends it and removes all of it.
`);
    const signal = cli.interrupted();
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await stopRedis({ stateDir: join(dir, 'state') }).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
};

/** With real nodes the runbook waits five minutes before it trusts the canary. */
const DEMO_SOAK = '3s';

/** What goes wrong at the first boot of the canary, once. */
const FAULT = { modulesNotLoadedAtBoot: ['iptable_nat'] } as const;

/** A simulated fleet and the whole rollout over it: real ssh, real Redis, a Kubernetes API, and a person who moves virtual machines. */
export async function demo(this: Cli, flags: DemoFlags): Promise<void> {
  const { nodes, serve: serves, fault, ...output } = flags;
  const dir = await mkdtemp(join(tmpdir(), 'drover-demo-'));
  if (serves === true) return serve(this, dir, nodes);
  const say = (line: string): void => (flags.json === true ? this.stderr : this.stdout).write(`${line}\n`);
  try {
    await using sim = await startSim({
      nodes: nodes ?? gitlabRunners,
      dir: join(dir, 'fleet'),
      ...(this.env['PATH'] !== undefined && { path: this.env['PATH'] }),
    });
    const faulty = fault === true ? sim.names[0] : undefined;
    if (faulty !== undefined) {
      sim.setFaults(faulty, FAULT);
      say(`${faulty} will boot without iptable_nat, once: see it fail, read why, and try it again with r.`);
    }
    // an own Redis and state, so that the demo neither sees nor disturbs what is real
    const { REDIS_URL: _redis, DROVER_FLEET: _fleet, SSH_AUTH_SOCK: _agent, ...rest } = this.env;
    const env = { ...rest, ...sim.env, DROVER_STATE_DIR: join(dir, 'state') };
    say(
      `A simulated fleet of ${sim.names.length}: ${sim.names.join(', ')}. Each is a real ssh server on loopback; the cluster is a Kubernetes API on loopback.`,
    );
    say(
      `drover moves them to another subnet, as in: drover run migrate-runner-node --set gateway=… --soak ${DEMO_SOAK} ; where a person has to move a VM, the demo plays the person.`,
    );
    const cli: Cli = { ...this, env, cwd: sim.dir };
    const person = playPerson(sim, join(dir, 'state'), faulty, say, this.interrupted());
    try {
      await run.call(
        cli,
        {
          fleet: sim.fleetYaml,
          set: [`gateway=${sim.gateway}`],
          soak: DEMO_SOAK,
          yes: true,
          ...output,
        },
        'migrate-runner-node',
      );
    } finally {
      await person.stop();
    }
    say(`\nThe same with your own nodes: drover init, then drover doctor, drover plan, drover run.`);
  } finally {
    await stopRedis({ stateDir: join(dir, 'state') }).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}
