import {
  type Ask,
  type ControlCommand,
  address,
  control,
  cordon,
  disruption,
  fillIn,
  helm,
  isDuration,
  kernelModules,
  nodeReady,
  packages,
  preflight,
  reboot,
  runbook,
  service,
  uncordon,
  z,
} from '../src/index.ts';

/** What the person who moves the VM is asked: to the new network on the way there, back to the old one on the way back. */
const moveVm =
  (node: string, newAddress: string, movers: string | undefined) =>
  (direction: 'forward' | 'back'): Ask => ({
    via: 'person',
    instructions:
      direction === 'forward'
        ? `move the VM of ${node} to the cluster and network of ${newAddress} and restart it there`
        : `move the VM of ${node} back to the cluster and network where it was before, away from that of ${newAddress}, and restart it there`,
    ...(movers !== undefined && { to: movers }),
  });

/** The command that moves the VM, with the node's own values: on the way back with the network that it came from. */
const moveByCommand =
  (
    words: readonly string[],
    values: Readonly<Record<string, string>>,
    networks: Readonly<Record<'forward' | 'back', string | undefined>>,
  ) =>
  (direction: 'forward' | 'back'): ControlCommand =>
    control(
      fillIn(direction === 'forward' ? 'moveCommand' : 'moveCommand, on the way back,', words, { ...values, network: networks[direction] }),
    );

/**
 * Moves gitlab-runner nodes to the service subnet: new address, new modules, one reboot, proven on the new boot.
 *
 * Blast radius: one canary, then two nodes at a time; the pods of a node are not drained, so they stop with its reboot. Typical duration: 6 min a
 * node, plus the wait for the person who moves the VM. Point of no return: none, as long as the snapshots on the node are there (drover forget
 * removes them).
 */
export default runbook({
  name: 'migrate-runner-node',
  summary: 'Moves gitlab-runner nodes to the service subnet: new address, new modules, one reboot, proven on the new boot.',
  version: 1,
  params: z
    .object({
      connection: z.string().min(1).default('ens192').describe('NetworkManager connection to change'),
      gateway: z.ipv4().describe('gateway of the service subnet'),
      modules: z
        .array(z.string().min(1))
        .min(1)
        .default(['iptable_nat', 'iptable_filter'])
        .describe('kernel modules that docker-in-docker needs'),
      move: z
        .enum(['none', 'person', 'command'])
        .default('person')
        .describe('who moves the VM to the new subnet: nobody has to, a person, or moveCommand'),
      movers: z.string().min(1).optional().describe('whom the move is asked of, in words: the vCenter team'),
      moveCommand: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'for move=command: the words of a program on the controller that moves the network of the VM and does not restart it; {node} {vm} {address} {network} are put in',
        )
        .meta({ examples: [['/usr/local/bin/move-vm', '{vm}', '{address}']] }),
      newNetwork: z.string().min(1).optional().describe('{network} on the way there, e.g. a port group'),
      oldNetwork: z.string().min(1).optional().describe('{network} on the way back'),
      deadman: z
        .string()
        .refine((text) => text === 'off' || isDuration(text), 'is not a time like 10m, or off')
        .default('10m')
        .describe('how long the node waits after its boot for drover, before its guard brings the old address up again; or off'),
      iptables: z
        .enum(['either', 'nf_tables', 'legacy', 'unchecked'])
        .default('either')
        .describe('the backend that iptables of a node has to have; or unchecked'),
      chart: z.string().min(1).default('gitlab/gitlab-runner').describe('helm chart of the runner, as helm upgrade takes it'),
      release: z.string().min(1).default('gitlab-runner').describe('helm release of the runner'),
      namespace: z.string().min(1).default('gitlab-runner').describe('namespace of that release'),
    })
    .superRefine(({ move, moveCommand, deadman }, ctx) => {
      if (move !== 'command') return;
      const refuse = (name: string, message: string): void => ctx.addIssue({ code: 'custom', path: [name], message });
      if (moveCommand.length === 0) refuse('moveCommand', 'is missing: move=command needs to know what moves a VM');
      if (deadman === 'off')
        refuse('deadman', 'cannot be off with move=command: the command only moves the VM, and the guard on the node restarts it then');
    }),
  vars: z.object({
    newAddress: z.cidrv4().describe("the node's address on the service subnet, with its prefix"),
    vm: z.string().min(1).optional().describe('the name of its VM, for {vm}; the name of the node when left out'),
    newNetwork: z.string().min(1).optional().describe('{network} on the way there, for this node'),
    oldNetwork: z.string().min(1).optional().describe('{network} on the way back, for this node'),
  }),
  rollout: { canary: 1, soak: '5m', maxUnavailable: 2, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params, vars, node }) => {
    const { connection, gateway, modules, move, deadman } = params;
    const { newAddress } = vars;
    const networks = { forward: vars.newNetwork ?? params.newNetwork, back: vars.oldNetwork ?? params.oldNetwork };
    const values = { node: node.name, vm: vars.vm ?? node.name, address: newAddress.replace(/\/.*$/, '') };
    const by = {
      none: undefined,
      person: moveVm(node.name, newAddress, params.movers),
      command: moveByCommand(params.moveCommand, values, networks),
    }[move];
    return [
      preflight.diskSpace(),
      preflight.virtualMachine(),
      preflight.modulesExist(modules),
      preflight.notBlacklisted(modules),
      ...(params.iptables === 'unchecked' ? [] : [preflight.iptablesBackend(params.iptables)]),
      preflight.networkManager(connection),
      preflight.addressFree({ address: newAddress, gateway }),
      preflight.notCordonedByOthers(),
      disruption({
        open: [cordon(), service.stopped('kubelet')],
        inner: [
          packages.installed(['open-vm-tools']),
          service.running('vmtoolsd'),
          kernelModules(modules, { file: '/etc/modules-load.d/iptable_nat.conf' }),
          address({ connection, address: newAddress, gateway }),
          reboot({
            within: '30m',
            ...(by && { by }),
            ...(isDuration(deadman) && { deadman }),
          }),
          // the proofs of kernelModules and address run here, on the new boot
        ],
        close: [service.running('kubelet', { within: '2m' }), nodeReady({ within: '5m', address: newAddress }), uncordon()],
      }),
    ];
  },
  afterRun: ({ chart, release, namespace }) => [helm.upgraded(release, { namespace, chart, within: '5m' })],
});
