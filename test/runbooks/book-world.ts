import { createHash } from 'node:crypto';
import type { NodeEvent } from '../../src/core/event.ts';
import { layOut } from '../../src/core/plan.ts';
import type { NewControl } from '../../src/core/event.ts';
import type { Node } from '../../src/core/node.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { execute } from '../../src/engine/execute.ts';
import { type NodePreview, preview } from '../../src/engine/preview.ts';
import type { Ended, World as EngineWorld } from '../../src/engine/world.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { inProcessCluster } from '../../src/sim/in-process-cluster.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import type { SimNodeOptions } from '../../src/sim/options.ts';
import { seedWorld } from '../../src/sim/seed.ts';
import { type SimNode, viewNode } from '../../src/sim/sim-node.ts';
import { type World, advance, nextDue } from '../../src/sim/world.ts';
import { virtualClock, virtualTime } from '../../src/sim/virtual-time.ts';
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

const never = new AbortController().signal;
/** The longest that a run may take, in virtual time. */
const LIMIT_MS = 6 * 3_600_000;

/** Makes such a world. */
export const bookWorld = (options: Omit<SimNodeOptions, 'name'> = {}, alone: 'node' | 'run' = 'node'): BookWorld => {
  const time = virtualTime(START);
  const clock = virtualClock(time);
  const world = seedWorld([{ name: 'n1', ...options }], { nodes: 1, networks: 'shared', speed: 1, seed: 5 }, START);
  let forget: (() => void) | undefined;
  const turn = (touched?: string): void => {
    if (touched !== undefined) world.touched.add(touched);
    advance(world, time.now());
    forget?.();
    const due = nextDue(world);
    forget = due === null ? undefined : time.at(Math.max(due, time.now() + 1), () => turn());
  };
  turn('n1');
  const sim = { world, clock, silentMs: 3000, turn };
  const journal = memoryJournal(() => time.now());
  const node: Node =
    alone === 'run'
      ? { name: '@run', addresses: [], labels: {}, vars: {} }
      : { name: 'n1', addresses: ['127.77.0.11'], labels: {}, vars: {} };
  let nonces = 0;
  const means = (): EngineWorld => ({
    node: alone === 'run' ? null : inProcessChannel('n1', sim),
    cluster: inProcessCluster(sim),
    control: { run: () => Promise.reject(new Error('there is no controller here')) },
    journal,
    memory: { recall: () => Promise.resolve({ addresses: [], identity: null }), remember: () => Promise.resolve() },
    clock,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: () => `nonce${(nonces += 1)}`,
  });
  let fence = 0;
  const hold = (steps: Steps, runId: string): Promise<Ended> =>
    execute(
      {
        runId,
        node,
        plan: layOut(steps),
        onFailure: 'pause',
        fence: (fence += 1),
        by: 'w',
        signal: never,
        admits: () => true,
        holdMs: 2000,
      },
      means(),
    );
  const toEnd = async (steps: Steps, runId: string): Promise<Ended> => {
    for (;;) {
      const ended = await hold(steps, runId);
      if (ended.kind !== 'waiting' || ended.wakeInMs === null) return ended;
      await clock.sleep(ended.wakeInMs, never);
    }
  };
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const watched = work.finally(() => (over = true));
    await Promise.all([time.run(time.now() + LIMIT_MS, () => over), watched]);
    return watched;
  };
  const say = async (runId: string, record: NewControl): Promise<void> => void (await journal.control(runId, record));
  const machine = world.machines.get('n1');
  if (!machine) throw new Error('there is no machine');
  const events = (runId = 'r1'): Promise<readonly NodeEvent[]> => journal.read(runId, node.name);
  return {
    world,
    seen: () => viewNode(world, machine),
    run: (steps, runId = 'r1') => inTime(toEnd(steps, runId)),
    replay: (steps) => inTime(say('r1', { by: 'ops', type: 'replay' }).then(() => toEnd(steps, 'r1'))),
    takeBack: (steps, runId = 'r1') => inTime(say(runId, { by: 'ops', type: 'rollback' }).then(() => toEnd(steps, runId))),
    sayIn: (ms, record) => void time.at(time.now() + ms, () => void say('r1', record)),
    preview: (steps) => inTime(preview(means(), layOut(steps), node, 'r0', never)),
    told: async (runId) => (await events(runId)).map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type)),
    events,
  };
};
