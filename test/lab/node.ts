import { z } from 'zod';
import { type Place, kubectl } from './control-plane.ts';
import { brief, say } from './log.ts';
import type { Result } from './process.ts';
import { type Observer, noConnection, sshAt } from './ssh.ts';
import { type Machine, type Side, addressOn } from './topology.ts';
import { poll } from './wait.ts';

/** How each thing that is looked at on a machine is read. */
const looks = {
  bootId: 'cat /proc/sys/kernel/random/boot_id',
  /** How many boots the journal knows, this one included. */
  boots: 'journalctl --list-boots --quiet | wc -l',
  machineId: 'cat /etc/machine-id',
  virtualization: 'systemd-detect-virt',
  /** With its prefix. */
  address: "ip -4 -oneline address show dev ens192 | awk '{print $4}'",
  gateway: "ip -4 route show default | awk '{print $3}'",
  modules: "lsmod | awk 'NR > 1 {print $1}' | sort | tr '\\n' ' '",
  kubelet: 'systemctl is-active kubelet',
  vmtoolsd: 'systemctl is-active vmtoolsd',
  /** One checksum over names, kinds, modes, owners, link targets and contents of everything in /etc. */
  etc: "(find /etc -printf '%p %y %m %U %G %l\\n' | sort; find /etc -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum | cut -d' ' -f1",
} as const;

/** What a machine was seen to be, from outside. */
export type NodeView = Readonly<Record<keyof typeof looks, string>> & { readonly side: Side };

const view = z.object({
  bootId: z.string(),
  boots: z.string(),
  machineId: z.string(),
  virtualization: z.string(),
  address: z.string(),
  gateway: z.string(),
  modules: z.string(),
  kubelet: z.string(),
  vmtoolsd: z.string(),
  etc: z.string(),
});

const script = Object.entries(looks)
  .map(([name, command]) => `printf '${name}='; { ${command}; } | tr '\\n' ' '; echo`)
  .join('\n');

const nodeObject = z.object({
  metadata: z.object({
    uid: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
    /** Who wrote what but the status, and when: a cordon that came and went leaves its trace here. */
    managedFields: z
      .array(z.object({ manager: z.string(), operation: z.string(), time: z.string(), subresource: z.string().optional() }))
      .transform((entries) => entries.filter(({ subresource }) => subresource === undefined)),
  }),
  spec: z.looseObject({ unschedulable: z.boolean().default(false), taints: z.array(z.unknown()).default([]) }),
  status: z.object({
    addresses: z.array(z.object({ type: z.string(), address: z.string() })),
    conditions: z.array(z.object({ type: z.string(), status: z.string() })),
    nodeInfo: z.object({ bootID: z.string(), machineID: z.string() }),
  }),
});
/** What of the Node object says anything: no heartbeats, no resourceVersion. */
export type NodeObject = z.infer<typeof nodeObject>;

/** A node of the lab, seen from outside: by the ssh program with a key of the lab's own, and by kubectl. */
export type LabNode = {
  readonly machine: Machine;
  readonly observer: Observer;
  /** Runs a command as root, on whichever subnet the node answers within `withinMs` (2 min). */
  ssh(command: string, withinMs?: number): Promise<Result>;
  /** The same, and the command must succeed; returns what it printed, trimmed. */
  read(command: string): Promise<string>;
  look(): Promise<NodeView>;
  /** The node's object; `ready` and `internalIp` beside it for short. */
  object(): Promise<NodeObject & { readonly ready: string; readonly internalIp: string }>;
  /** Waits until the cluster has heard from the boot that runs now: Ready, that boot id, this address. */
  freshlyReady(withinMs?: number): Promise<void>;
};

/** The observer's view of one machine. */
export const labNode = (place: Place, observer: Observer, machine: Machine): LabNode => {
  const { name } = machine;
  let last: Side = 'a';
  const reach = (command: string, withinMs = 120_000): Promise<Result> =>
    poll(`${name} answers at ${addressOn('a', machine)} or ${addressOn('b', machine)}`, { withinMs }, async () => {
      for (const side of [last, last === 'a' ? 'b' : 'a'] as const) {
        const result = await sshAt(observer, machine, side, command, { connectSeconds: 10 });
        if (result.exitCode === noConnection) continue;
        last = side;
        return result;
      }
      return undefined;
    });
  const ssh: LabNode['ssh'] = async (command, withinMs) => {
    const result = await reach(command, withinMs);
    say(`${name} $ ssh root@${addressOn(last, machine)} ${command}\n    exit ${result.exitCode}: ${brief(result.stdout + result.stderr)}`);
    return result;
  };
  const look: LabNode['look'] = async () => {
    const { stdout } = await reach(script);
    const lines = stdout
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()]);
    const seen = view.parse(Object.fromEntries(lines));
    const told = Object.entries(seen).map(([what, value]) => `    ${what}: ${value}`);
    say([`${name} looked at over ssh root@${addressOn(last, machine)} (by the commands in test/lab/node.ts)`, ...told].join('\n'));
    return { ...seen, side: last };
  };
  const get = async (): Promise<NodeObject & { readonly ready: string; readonly internalIp: string }> => {
    const { exitCode, stdout, stderr } = await kubectl(place, ['get', 'node', name, '-o', 'json', '--show-managed-fields']);
    if (exitCode !== 0) throw new Error(`kubectl get node ${name}: ${stderr.trim()}`);
    const object = nodeObject.parse(JSON.parse(stdout));
    const ready = object.status.conditions.find(({ type }) => type === 'Ready')?.status ?? 'missing';
    const internalIp = object.status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? 'missing';
    return { ...object, ready, internalIp };
  };
  const told = (node: Awaited<ReturnType<typeof get>>): string =>
    `Ready=${node.ready} InternalIP=${node.internalIp} bootID=${node.status.nodeInfo.bootID} unschedulable=${node.spec.unschedulable} annotations=${JSON.stringify(node.metadata.annotations)}`;
  return {
    machine,
    observer,
    ssh,
    look,
    read: async (command) => {
      const { exitCode, stdout, stderr } = await ssh(command);
      if (exitCode !== 0) throw new Error(`${name}: ${command}: exit ${exitCode}: ${stderr.trim()}`);
      return stdout.trim();
    },
    object: async () => {
      const node = await get();
      say(`kubectl get node ${name} -o json: ${told(node)}`);
      return node;
    },
    freshlyReady: async (withinMs = 300_000) => {
      const bootId = (await reach('cat /proc/sys/kernel/random/boot_id', withinMs)).stdout.trim();
      const node = await poll(`${name} is Ready from boot ${bootId} at ${addressOn(last, machine)}`, { withinMs }, async () => {
        const seen = await get();
        return seen.ready === 'True' && seen.status.nodeInfo.bootID === bootId && seen.internalIp === addressOn(last, machine)
          ? seen
          : undefined;
      });
      say(`kubectl get node ${name}: fresh: ${told(node)}`);
    },
  };
};
