import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../core/error.ts';
import { stopRedis } from '../../queue/redis-server.ts';
import { type Incident, nameOf } from '../../sim/incidents/incident.ts';
import { incidents } from '../../sim/incidents/index.ts';
import { type Sim, startSim } from '../../sim/index.ts';
import type { Cli } from '../context.ts';
import { playPerson } from '../demo-person.ts';
import { didYouMean } from '../did-you-mean.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags } from '../flags.ts';
import { playScenes } from '../play-scenes.ts';
import { run } from './run.ts';

/** The flags of `drover demo`. */
export type DemoFlags = OutputFlags & {
  readonly nodes?: number;
  readonly serve?: boolean;
  readonly fault?: boolean;
  readonly byHand?: boolean;
};

const MAIN = 'migrate-runner-node';

/** How many nodes find an address in the subnet that they move to. */
const MOST = 240;

/** With real nodes the runbook waits five minutes before it trusts the canary. */
const DEMO_SOAK = '3s';

/** What goes wrong at the first boot of the canary. */
const FAULT = { modulesNotLoadedOnce: ['iptable_nat'] } as const;

/** Keeps a simulated fleet up until it is interrupted; its nodes answer at their new address without anybody moving a VM. */
const serve = async (cli: Cli, sim: Sim, { runbook, set }: Incident, stateDir: string): Promise<void> => {
  const words = [...set, ...(runbook === MAIN ? ['move=none'] : [])].map((one) => ` --set ${one}`).join('');
  cli.stdout.write(`A simulated fleet is up: ${sim.names.join(', ')}. In another terminal:

  export DROVER_FLEET=${sim.fleetYaml} KUBECONFIG=${sim.env.KUBECONFIG} PATH=${join(sim.dir, 'bin')}:$PATH DROVER_STATE_DIR=${stateDir}
  drover plan ${runbook}${words}

Ctrl-C ends it and removes all of it.
`);
  const signal = cli.interrupted();
  if (!signal.aborted) await once(signal, 'abort');
};

/** Takes the fleet through the runbook, by which the incident does not happen. */
const prevent = async (
  cli: Cli,
  sim: Sim,
  { runbook, set, answers, look, refused }: Incident,
  output: OutputFlags,
  say: (line: string) => void,
): Promise<void> => {
  say(
    `drover run ${runbook}${set.map((one) => ` --set ${one}`).join('')} --soak ${DEMO_SOAK}; where a person is asked, the demo plays the person.`,
  );
  const person = playPerson(cli, sim, answers ?? {}, say);
  try {
    await run.call(cli, { fleet: sim.fleetYaml, set, soak: DEMO_SOAK, yes: true, ...output }, runbook);
  } finally {
    await person.stop();
  }
  const signal = cli.interrupted();
  if (refused || signal.aborted) return;
  say('');
  const there = look.filter((scene) => !('on' in scene) || sim.names.includes(scene.on));
  await playScenes(sim, there, (text) => say(text.trimEnd()), signal);
};

const incidentOf = (name: string): Incident => {
  const found = incidents.find((one) => nameOf(one) === name);
  if (found) return found;
  const names = incidents.map(nameOf);
  throw new UsageError(`there is no demo of ${name}${didYouMean(name, names)}; there is one of ${names.join(', ')}`);
};

/** A simulated fleet and a whole rollout over it: real ssh, real Redis, a Kubernetes API, and a person who moves virtual machines. */
export async function demo(this: Cli, flags: DemoFlags, name = MAIN): Promise<void> {
  const { nodes, serve: serves, fault, byHand, ...output } = flags;
  const incident = incidentOf(name);
  if (nodes !== undefined && name !== MAIN) throw new UsageError(`--nodes is for the demo of ${MAIN}: the fleet of ${name} is as it was`);
  if (nodes !== undefined && nodes > MOST) throw new UsageError(`--nodes ${nodes}: the network of the demo has room for ${MOST}`);
  if (fault === true && name !== MAIN)
    throw new UsageError(`--fault is for the demo of ${MAIN}; drover demo ${name} --by-hand shows what goes wrong there`);
  if (serves === true && byHand === true) throw new UsageError('--by-hand plays it, --serve leaves the fleet to you: say one of them');
  const dir = await mkdtemp(join(tmpdir(), 'drover-demo-'));
  const stateDir = join(dir, 'state');
  const say = (line: string): void => (flags.json === true ? this.stderr : this.stdout).write(`${line}\n`);
  // asked for before there is anything to leave behind
  const signal = this.interrupted();
  try {
    if (serves === true) say('A simulated fleet starts …');
    await using sim = await startSim({
      nodes: nodes ?? incident.nodes,
      dir: join(dir, 'fleet'),
      ...(serves === true && { networks: 'shared' }),
      ...(this.env['PATH'] !== undefined && { path: this.env['PATH'] }),
    });
    if (signal.aborted) return this.exit(exitCodes.interrupted);
    incident.prepare?.(sim);
    const faulty = fault === true ? sim.names[0] : undefined;
    if (faulty !== undefined) {
      sim.setFaults(faulty, FAULT);
      say(`${faulty} will boot without iptable_nat, once: see it fail, read why, and try it again with r.`);
    }
    if (serves === true) return await serve(this, sim, incident, stateDir);
    say(
      `A simulated fleet of ${sim.names.length}: ${sim.names.join(', ')}. Each is a real ssh server on loopback; the cluster is a Kubernetes API on loopback.`,
    );
    if (byHand === true) {
      say(`${incident.about}\n`);
      await playScenes(sim, [...incident.byHand, ...incident.look], (text) => say(text.trimEnd()), signal);
      if (signal.aborted) return this.exit(exitCodes.interrupted);
      say(`\nThe same fleet with drover: drover demo${name === MAIN ? '' : ` ${name}`}.`);
      return;
    }
    // an own Redis and state, so that the demo neither sees nor disturbs what is real
    const { REDIS_URL: _redis, DROVER_FLEET: _fleet, SSH_AUTH_SOCK: _agent, ...rest } = this.env;
    const cli: Cli = { ...this, env: { ...rest, ...sim.env, DROVER_STATE_DIR: stateDir }, cwd: sim.dir };
    await prevent(cli, sim, incident, output, say);
    if (!signal.aborted) say(`\nThe same with your own nodes: drover init, then drover doctor, drover plan, drover run.`);
  } finally {
    await stopRedis({ stateDir }).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}
