/** What tests of runbooks import: `import { rehearse } from 'drover/sim'`. Simulated nodes in this process, or a whole fleet behind real ssh servers. */
export { type FleetOptions, type Hands, type Place } from './fleet.ts';
export { type People, type Question, type Reaction } from './people.ts';
export { type Rehearsal, type RehearsalOptions, rehearse } from './rehearse.ts';
export type { Rehearsed } from './story.ts';
export { type NodeFaults, type Sim, type SimNode, type SimNodeOptions, type SimOptions, gitlabRunners, startSim } from '../sim/index.ts';
