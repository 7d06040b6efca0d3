import { isJsonObject } from '../core/json.ts';
import type { Extra } from './kubernetes.ts';
import { type World, moveVm, resetVm } from './world.ts';

/** The hypervisor's manager, as a person uses it. */
export type Vcenter = {
  /** The network that a virtual machine is on; null when it is on all of them. */
  network(vm: string): string | null;
  /** Puts a virtual machine on another network while it runs: from now on it is unreachable at addresses of the old one. null: on all. */
  move(vm: string, network: string | null): void;
  /** Power-cycles a virtual machine, also one that is off or hangs. */
  reset(vm: string): void;
};

/** The vCenter of a world; `turn` lets the world outside follow. */
export const createVcenter = (world: World, now: () => number, turn: () => void): Vcenter => ({
  network: (vm) => world.placement.get(vm) ?? null,
  move: (vm, network) => {
    turn();
    moveVm(world, vm, network);
    turn();
  },
  reset: (vm) => {
    turn();
    resetVm(world, vm, now());
    turn();
  },
});

/** `GET /sim/vcenter/vms`, `POST /sim/vcenter/vms/NAME/network` with `{"network": …}`, `POST /sim/vcenter/vms/NAME/reset`. */
export const vcenterHttp =
  (world: World, vcenter: Vcenter): Extra =>
  async (method, path, body) => {
    if (path === '/sim/vcenter/vms' && method === 'GET')
      return {
        status: 200,
        body: [...world.machines.values()].map(({ name, power }) => ({ name, network: vcenter.network(name), power: power.state })),
      };
    const [, name, verb] = /^\/sim\/vcenter\/vms\/([^/]+)\/(network|reset)$/.exec(path) ?? [];
    if (name === undefined || method !== 'POST') return undefined;
    if (!world.machines.has(name)) return { status: 404, body: `there is no virtual machine ${name}` };
    const network = isJsonObject(body) ? body['network'] : undefined;
    if (verb === 'reset') vcenter.reset(name);
    else if (typeof network !== 'string' || !world.networks.some((one) => one.name === network))
      return { status: 400, body: `there is no network ${JSON.stringify(network)}` };
    else vcenter.move(name, network);
    return { status: 200, body: { name, network: vcenter.network(name) } };
  };
