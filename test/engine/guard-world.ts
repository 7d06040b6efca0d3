import type { CommandResult } from '../../src/core/command.ts';
import type { NewControl, NodeEvent } from '../../src/core/event.ts';
import { type Plan, layOut } from '../../src/core/plan.ts';
import type { Journal, NodeChannel } from '../../src/core/ports.ts';
import { disruption } from '../../src/core/step.ts';
import { type Preview, preview } from '../../src/engine/preview.ts';
import type { Ended, World as Means } from '../../src/engine/world.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { liveAddresses } from '../../src/sim/node/network.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { type World, addNode, createWorld, moveVm, resetVm } from '../../src/sim/world.ts';
import { address } from '../../src/steps/address.ts';
import { kernelModules } from '../../src/steps/kernel-modules.ts';
import { type RebootOptions, reboot } from '../../src/steps/reboot.ts';
import { service } from '../../src/steps/service.ts';
import { START } from '../sim/box.ts';
import { inProcess } from './in-process.ts';
import { holdNode, holdToEnd, meansOf, survived, toldBy } from './means.ts';

export const OLD = '10.77.0.11';
export const NEW = '10.77.1.11';

/** One simulated node that is to be moved from the network `ci` to `services`, with drover in virtual time. */
export type GuardWorld = {
  readonly machine: Machine;
  readonly world: World;
  readonly journal: Journal;
  now(): number;
  /** Commands that were sent to the node, and connections that were let go of and made anew. */
  readonly calls: readonly string[];
  /** What is at the node's address on its device. */
  live(): readonly string[];
  /** Has something happen after so many seconds. */
  after(seconds: number, what: () => void): void;
  move(network: string): void;
  reset(): void;
  say(record: NewControl): Promise<void>;
  /** Lets drover work on the node until it has ended or waits for a word; undefined when it has not come to that within so many seconds. */
  work(seconds: number): Promise<Ended | undefined>;
  /** Lets time pass without drover. */
  pass(seconds: number): Promise<void>;
  /** What the journal tells, `TYPE STEP`. */
  told(): Promise<readonly string[]>;
  events(): Promise<readonly NodeEvent[]>;
  /** What drover would do. */
  preview(): Promise<readonly Preview[]>;
};

/** The plan of the move: whoever is named moves the VM, and drover restarts it where nobody is. */
export const movePlan = (by?: RebootOptions['by'], newAddress = NEW): Plan =>
  layOut([
    disruption({
      open: [service.stopped('kubelet')],
      inner: [
        kernelModules(['iptable_nat'], { file: '/etc/modules-load.d/iptable_nat.conf' }),
        address({ connection: 'ens192', address: `${newAddress}/24`, gateway: '10.77.1.1' }),
        reboot({ within: '2h', deadman: '60s', ...(by && { by }) }),
      ],
      close: [service.running('kubelet')],
    }),
  ]);

export const guardWorld = (
  options: {
    readonly newAddress?: string;
    readonly byPerson?: boolean;
    readonly network?: string | null;
    /** Wraps the journal that drover writes to; whoever throws there has died. */
    readonly through?: (journal: Journal) => Journal;
    /** Where the node is when drover comes. */
    readonly at?: typeof OLD | typeof NEW;
    /** Another plan than that of a move with a boot. */
    readonly plan?: Plan;
    /** The programs on the controller. */
    readonly control?: (argv: readonly string[], world: GuardWorld) => Promise<CommandResult>;
  } = {},
): GuardWorld => {
  const networks = [
    { name: 'ci', subnets: ['10.77.0.0/24'] },
    { name: 'services', subnets: ['10.77.1.0/24'] },
    { name: 'dark', subnets: [] },
  ];
  const world = createWorld({ timings: timingsAt(1), networks, seed: 3 });
  const { network = 'ci' } = options;
  const machine = addNode(
    world,
    { name: 'n1', distro: 'el8', address: `${options.at ?? OLD}/24`, gateway: options.at === NEW ? '10.77.1.1' : '10.77.0.1', network },
    START,
  );
  const { after, clock, pass, sim, within } = inProcess(world);
  const journal = memoryJournal(() => clock.now());
  const plan = options.plan ?? movePlan((options.byPerson ?? true) ? () => 'move the VM' : undefined, options.newAddress);
  const node = { name: 'n1', addresses: [options.at ?? OLD], labels: {}, vars: {} };
  const { control } = options;
  const means = (): Means =>
    meansOf({
      clock,
      journal: options.through?.(journal) ?? journal,
      node: watched(inProcessChannel('n1', sim)),
      ...(control && { control: { run: ({ argv }) => control(argv, self) } }),
    });
  let fence = 0;
  const calls: string[] = [];
  const watched = (channel: NodeChannel): NodeChannel => ({
    ...channel,
    hello: async (...args) => {
      const found = await channel.hello(...args);
      if (calls.at(-1) === 'drop') calls.push(`connect ${found.address}`);
      return found;
    },
    write: (command, ...rest) => {
      calls.push(command.text.split(' ').slice(0, 2).join(' '));
      return channel.write(command, ...rest);
    },
    drop: () => {
      calls.push('drop');
      channel.drop();
    },
  });
  const events = () => journal.read('r1', 'n1');
  const self: GuardWorld = {
    machine,
    world,
    journal,
    now: () => clock.now(),
    calls,
    live: () => liveAddresses(machine.network),
    after,
    move: (to) => {
      moveVm(world, 'n1', to);
      sim.turn();
    },
    reset: () => {
      resetVm(world, 'n1', clock.now());
      sim.turn();
    },
    say: async (record) => void (await journal.control('r1', record)),
    work: (seconds) =>
      within(seconds, (signal) => holdToEnd(() => survived(holdNode({ node, plan, fence: (fence += 1), signal }, means())), clock, signal)),
    pass,
    told: async () => toldBy(await events()),
    events,
    preview: async () => (await preview(means(), plan, node, 'r1', new AbortController().signal)).steps,
  };
  return self;
};

/** The lines of a story that begin so. */
export const only = (told: readonly string[], type: string): readonly string[] => told.filter((line) => line.startsWith(type));

/** A person moves the VM and starts it again, so many seconds from now. */
export const moved = (world: GuardWorld, seconds: number, { network = 'services', restart = true } = {}): void =>
  world.after(seconds, () => {
    world.move(network);
    if (restart) world.reset();
  });
/** How often the node has booted since drover came. */
export const boots = ({ machine }: GuardWorld): number => machine.bootCount - 1;
