import type { NewControl, NodeEvent } from '../../src/core/event.ts';
import type { Node } from '../../src/core/node.ts';
import { layOut } from '../../src/core/plan.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { type NodePreview, preview } from '../../src/engine/preview.ts';
import type { Ended, World as Means } from '../../src/engine/world.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { inProcessCluster } from '../../src/sim/in-process-cluster.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import type { SimNodeOptions } from '../../src/sim/options.ts';
import { seedWorld } from '../../src/sim/seed.ts';
import { type SimNode, viewNode } from '../../src/sim/sim-node.ts';
import type { World } from '../../src/sim/world.ts';
import { inProcess } from '../engine/in-process.ts';
import { holdNode, holdToEnd, meansOf, toldBy } from '../engine/means.ts';
import { START } from '../sim/box.ts';

type Steps = readonly (Step | Disruption)[];

/** One simulated node with its cluster, and drover at work on it in virtual time. */
export type BookWorld = {
  readonly world: World;
  /** The node as it is now, from outside. */
  seen(): SimNode;
  /** Takes the node through steps as a run of its own, until it has ended or waits for a person. */
  run(steps: Steps, run?: string): Promise<Ended>;
  /** Has a run that has ended taken back. */
  takeBack(steps: Steps, run?: string): Promise<Ended>;
  /** Has a run that has ended replayed. */
  replay(steps: Steps): Promise<Ended>;
  /** Has a person say something to the run after some time. */
  sayIn(ms: number, record: NewControl): void;
  /** What a run would do. */
  preview(steps: Steps): Promise<NodePreview>;
  /** What the journal of a run tells, `TYPE STEP`. */
  told(run?: string): Promise<readonly string[]>;
  events(run?: string): Promise<readonly NodeEvent[]>;
};

/** The longest that a run may take, in virtual time. */
const LIMIT_S = 6 * 3600;

/** Makes such a world. */
export const bookWorld = (options: Omit<SimNodeOptions, 'name'> = {}, alone: 'node' | 'run' = 'node'): BookWorld => {
  const world = seedWorld([{ name: 'n1', ...options }], { nodes: 1, networks: 'shared', speed: 1, seed: 5 }, START);
  const { after, clock, sim, within } = inProcess(world);
  const journal = memoryJournal(() => clock.now());
  const node: Node =
    alone === 'run'
      ? { name: '@run', addresses: [], labels: {}, vars: {} }
      : { name: 'n1', addresses: ['127.77.0.11'], labels: {}, vars: {} };
  const means = (): Means =>
    meansOf({ clock, journal, node: alone === 'run' ? null : inProcessChannel('n1', sim), cluster: inProcessCluster(sim) });
  let fence = 0;
  const toEnd = (steps: Steps, runId: string): Promise<Ended> =>
    within(LIMIT_S, async (signal) => {
      const plan = layOut(steps);
      const ended = await holdToEnd(() => holdNode({ runId, node, plan, fence: (fence += 1), signal }, means()), clock, signal);
      if (!ended) throw new Error('the run did not come to an end');
      return ended;
    });
  const say = async (runId: string, record: NewControl): Promise<void> => void (await journal.control(runId, record));
  const machine = world.machines.get('n1');
  if (!machine) throw new Error('there is no machine');
  const events = (runId = 'r1'): Promise<readonly NodeEvent[]> => journal.read(runId, node.name);
  return {
    world,
    seen: () => viewNode(world, machine),
    run: (steps, runId = 'r1') => toEnd(steps, runId),
    replay: (steps) => say('r1', { by: 'ops', type: 'replay' }).then(() => toEnd(steps, 'r1')),
    takeBack: (steps, runId = 'r1') => say(runId, { by: 'ops', type: 'rollback' }).then(() => toEnd(steps, runId)),
    sayIn: (ms, record) => after(ms / 1000, () => say('r1', record)),
    preview: (steps) => within(LIMIT_S, (signal) => preview(means(), layOut(steps), node, 'r0', signal)),
    told: async (runId) => toldBy(await events(runId)),
    events,
  };
};
