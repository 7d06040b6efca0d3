import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Place, kubectl } from './control-plane.ts';
import { type Spawned, spawnDrover } from './drover.ts';
import type { Account } from './fleet.ts';
import { helm } from './helm.ts';
import { brief, say, timed } from './log.ts';
import { endNamespace, ownNamespace } from './namespace.ts';
import { plug } from './network.ts';
import { type LabNode, labNode } from './node.ts';
import type { Result } from './process.ts';
import { type LabOptions, type Started, mediaOf, start } from './start.ts';
import type { Socket } from './topology.ts';
import { cutPower, kernelStarts, powerCycle, resetButton, startVm } from './vm.ts';

/** A running lab: real machines, a real cluster, and an account from which drover is run. */
export type Lab = AsyncDisposable & {
  readonly account: Account;
  readonly place: Place;
  node(name: string): LabNode;
  /** How many kernels the machine has started since the lab began, counted on its console. */
  boots(name: string): Promise<number>;
  /** Has the guest write out what it holds, then plugs its tap into the other bridge, as a person does in vCenter. */
  moveVm(name: string, socket: Socket): Promise<void>;
  /** Restarts a machine: by the reset button, or by shutting down the guest and switching on again. */
  resetVm(name: string, how?: 'reset' | 'power-cycle'): Promise<void>;
  /** Pulls a machine's plug: what the guest has not synced is lost. */
  cutPower(name: string): Promise<void>;
  /** Starts a machine whose plug was pulled, from its disk. */
  startVm(name: string): Promise<void>;
  kubectl(...args: readonly string[]): Promise<Result>;
  helm(...args: readonly string[]): Promise<Result>;
  /** Runs drover to its end. */
  drover(
    args: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>>; readonly withinMs?: number },
  ): Promise<Result>;
  droverSpawn(args: readonly string[], options?: { readonly env?: Readonly<Record<string, string>> }): Spawned;
  stop(): Promise<void>;
};

/** The way to a lab that runs. */
export const open = ({ place, image, ready, machines, account }: Started): Lab => {
  const observer = { netns: place.netns, ssh: path.join(ready, 'ssh') };
  const nodes = new Map(machines.map((each) => [each.name, labNode(place, observer, each)]));
  const node = (name: string): LabNode => {
    const found = nodes.get(name);
    if (!found) throw new Error(`the lab has no node ${name}`);
    return found;
  };
  const told = (what: string, result: Result): Result => {
    say(`$ ${what}\n    exit ${result.exitCode}: ${brief(result.stdout + result.stderr, 12)}`);
    return result;
  };
  const stop = async (): Promise<void> => {
    await endNamespace(place.netns);
    if (process.env['DROVER_LAB_KEEP'] === undefined) await rm(place.folder, { recursive: true });
    else say(`kept ${place.folder}`);
  };
  const lab: Omit<Lab, typeof Symbol.asyncDispose> = {
    account,
    place,
    node,
    boots: async (name) => {
      const count = await kernelStarts(place, node(name).machine);
      say(`${name} has started ${count} kernels since the lab began, says its console`);
      return count;
    },
    moveVm: async (name, socket) => {
      const moved = node(name);
      await moved.ssh('sync', 6000).catch((error: unknown) => say(`${name} does not answer, moved without a sync: ${String(error)}`));
      await plug(place.netns, moved.machine, socket);
      say(`moved ${name} to ${socket === 'nowhere' ? 'no network' : `the subnet ${socket}`} (ip link set ${moved.machine.tap} …)`);
    },
    resetVm: async (name, how = 'reset') => {
      say(`${how} of ${name} by its monitor`);
      await (how === 'reset' ? resetButton : powerCycle)(place, node(name).machine);
    },
    cutPower: async (name) => {
      await cutPower(place, node(name).machine);
      say(`cut the power of ${name} (kill -9 of its process)`);
    },
    startVm: async (name) => {
      await startVm(place, node(name).machine, mediaOf({ place, image, ready }, node(name).machine));
      say(`started ${name} from its disk`);
    },
    kubectl: async (...args) => told(`kubectl ${args.join(' ')}`, await kubectl(place, args)),
    helm: async (...args) => told(`helm ${args.join(' ')}`, await helm(place, args)),
    drover: async (args, options = {}) => {
      await using running = spawnDrover(place.netns, account, args, options.env);
      const late = new Promise<never>((_, reject) => {
        AbortSignal.timeout(options.withinMs ?? 60_000).addEventListener('abort', () =>
          reject(new Error(`drover ${args.join(' ')}: did not end in time`)),
        );
      });
      return await Promise.race([running.ended, late]);
    },
    droverSpawn: (args, options = {}) => spawnDrover(place.netns, account, args, options.env),
    stop,
  };
  return { ...lab, [Symbol.asyncDispose]: stop };
};

/** A lab that lives as long as the process that starts it. */
export const startLab = async (options: LabOptions): Promise<Lab> =>
  timed('lab started', async () => open(await start(options, ownNamespace(), true)));
