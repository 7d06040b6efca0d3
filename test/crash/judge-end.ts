import { RUN_STREAM } from '../../src/core/node.ts';
import type { NodeRun } from '../../src/core/reduce.ts';
import { type Fleet, cordonOf } from './fleet.ts';
import type { Notebook } from './notebook.ts';
import { MODULE, SECRET, addressesOf } from './runbook.ts';
import type { Scenario } from './scenario.ts';
import { type Disk, type Truth, diskOf } from './truth.ts';

/** How each node stood before the run. */
export type Before = ReadonlyMap<string, { readonly disk: Disk; readonly unschedulable: boolean }>;

/** Writes down how the fleet stands. */
export const standOf = (scenario: Scenario, fleet: Fleet): Before =>
  new Map(
    scenario.nodes.map(({ name }) => [
      name,
      { disk: diskOf(fleet.machine(name)), unschedulable: cordonOf(fleet.world, name).unschedulable },
    ]),
  );

/** Why a node may not be given back to the cluster yet, by what was true when somebody last looked; undefined when it may. */
export const notReadyToOpen =
  ({ recipe }: Scenario, book: Notebook) =>
  (truth: Truth, back: boolean, node: string): string | undefined => {
    const { old, new: moved } = addressesOf(recipe, node);
    // nobody notices that a machine has just gone down
    if (!truth.up) return undefined;
    if (!truth.kubelet && recipe.stopsKubelet) return 'its kubelet did not run';
    if (recipe.address && truth.address !== (back ? old : moved)) return `it was at ${truth.address}`;
    if (!back && recipe.modules && !truth.loaded && !book.meddled.has(node)) return `${MODULE} was not loaded on the boot that ran`;
    return undefined;
  };

/** Holds what is really so at the end against what the journal says of it. */
export const judgeEnd = (
  scenario: Scenario,
  fleet: Fleet,
  book: Notebook,
  before: Before,
  stateOf: (stream: string) => NodeRun,
  run: string,
): string[] => {
  const { recipe } = scenario;
  const wrong: string[] = [];
  const outcome = stateOf(RUN_STREAM).runOutcome;
  if (outcome === undefined) wrong.push(`the run does not come to an end: ${stateOf(RUN_STREAM).halted ?? 'nobody says why'}`);
  for (const { name } of scenario.nodes) {
    const state = stateOf(name);
    const machine = fleet.machine(name);
    const commands = machine.commands.filter((command) => command.run === run);
    if (state.plan === undefined && commands.length > 0) wrong.push(`${name} never began, but ${commands.length} commands ran on it`);
    if (
      outcome !== undefined &&
      state.outcome === undefined &&
      outcome !== 'refused' &&
      outcome !== 'cancelled' &&
      state.plan !== undefined
    )
      wrong.push(`the run has ended (${outcome}), but ${name} has not`);
    if (state.outcome !== 'succeeded' && state.outcome !== 'rolled-back') continue;
    if (state.plan === undefined) continue;
    const ok = state.outcome === 'succeeded';
    const say = (what: string): unknown => wrong.push(`${name} is said to have ${state.outcome}, but ${what}`);
    const first = before.get(name);
    const disk = diskOf(machine);
    const truth = fleet.truth(name);
    const { old, new: moved } = addressesOf(recipe, name);
    const cordon = cordonOf(fleet.world, name);
    if (cordon.annotation !== null) say(`the Node is still marked by ${cordon.annotation}`);
    if (book.personsCordons.has(name) && !cordon.unschedulable) say('the cordon that a person had made is gone');
    if (cordon.unschedulable && first?.unschedulable !== true) say('the Node is cordoned');
    // what is lost at a boot counts only as long as the node is on the boot on which it was opened
    const openedAt = book.apiWrites.findLast((write) => write.node === name && write.after.annotation === null)?.at ?? state.endedAt;
    const sameBoot = openedAt !== undefined && machine.bootedAt <= openedAt && truth.up;
    if (sameBoot && recipe.stopsKubelet && !truth.kubelet) say('its kubelet does not run');
    if (book.meddled.has(name)) continue;
    if (ok) {
      if (recipe.modules && !disk.listed.includes(MODULE)) say(`${MODULE} is not listed`);
      if (recipe.modules && sameBoot && !truth.loaded) say(`${MODULE} is not loaded`);
      if (recipe.file && disk.file !== 'content 1\n') say('its file is not as wished');
      if (recipe.secret && disk.secret !== SECRET.value) say('its secret is not as wished');
      if (recipe.packages && disk.packages !== 'installed') say('its package is not there');
      if (recipe.address && sameBoot && truth.address !== moved) say(`it is at ${truth.address}`);
    } else if (first) {
      for (const key of ['listed', 'file', 'secret', 'packages', 'profile'] as const)
        if (disk[key] !== first.disk[key]) say(`${key} is ${JSON.stringify(disk[key])}, was ${JSON.stringify(first.disk[key])}`);
      if (recipe.address && sameBoot && truth.address !== old) say(`it is at ${truth.address}`);
    }
  }
  return wrong;
};
