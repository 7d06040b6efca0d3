import type { NodeEvent } from '../../src/core/event.ts';
import { isUndo } from '../../src/core/undo.ts';
import { findGuard, readMove } from '../../src/sim/node/deadman-files.ts';
import type { Entry } from '../../src/sim/node/files.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { readProfile, writeProfile } from '../../src/sim/node/profile.ts';
import type { Fleet } from './fleet.ts';
import { eventsOf } from './judge-node.ts';
import type { Look, Notebook, Send } from './notebook.ts';
import { GATEWAY, MODULES_FILE, type Recipe, addressesOf } from './runbook.ts';
import type { Scenario } from './scenario.ts';
import { guardOf } from './truth.ts';

/** Whoever has looked at one boot of a node that has gone back again and again, for longer than this, has said so. */
const NOTICED_MS = 6000;
/** Between two looks further apart the worker was frozen, or had no way to the node. */
const AGAIN_MS = 4000;

/** The files that a move changes, by path, as they were before the run. */
export type Kept = ReadonlyMap<string, ReadonlyMap<string, Entry | undefined>>;

const connectionFile = (machine: Machine): string => [...machine.network.profiles.values()][0]?.file ?? '';

/** Keeps the files of all nodes that a move may change. */
export const keepFiles = (scenario: Scenario, fleet: Fleet): Kept =>
  new Map(
    scenario.nodes.map(({ name }) => {
      const { files, network } = fleet.machine(name);
      const paths = [[...network.profiles.values()][0]?.file ?? '', MODULES_FILE];
      return [name, new Map(paths.map((path) => [path, files.entries.get(path)]))];
    }),
  );

/** A connection as NetworkManager writes it down for the new address. */
const movedText = (path: string, old: string, address: string): string => {
  const { settings } = readProfile(path, old);
  return writeProfile(
    { file: path, settings: new Map([...settings, ['ipv4.addresses', `${address}/24`], ['ipv4.gateway', GATEWAY]]) },
    old,
  );
};

const bytes = (entry: Entry | undefined): string => (entry ? JSON.stringify(entry) : 'absent');

/** Both files are, byte for byte, those of one of the two places, and of the same one; of which the guard says that it is in force. */
const files = (
  machine: Machine,
  recipe: Recipe,
  kept: ReadonlyMap<string, Entry | undefined>,
  together: boolean,
  meddled: boolean,
): string[] => {
  const { name } = machine;
  const path = connectionFile(machine);
  const { old, new: moved } = addressesOf(recipe, name);
  const is = machine.files.entries.get(path);
  const was = kept.get(path);
  const changed = was?.kind === 'file' ? { ...was, content: movedText(path, was.content, moved) } : was;
  const place = bytes(is) === bytes(was) ? 'old' : bytes(is) === bytes(changed) ? 'new' : undefined;
  if (place === undefined) return [`${name}: ${path} is of neither place: ${bytes(is)}`];
  const guard = findGuard(machine);
  const stands = guardOf(machine);
  if (guard && (stands === 'old' || stands === 'new')) {
    const { oldAddress, newAddress } = readMove(machine, guard.dir);
    const force = (stands === 'old' ? oldAddress : newAddress).split('/')[0];
    if (force !== (place === 'old' ? old : moved))
      return [`${name}: its guard says that ${force} is in force, and ${path} is that of the ${place} place`];
  }
  if (!recipe.modules || meddled || !(together || stands === 'old' || stands === 'new')) return [];
  const [listed, before] = [bytes(machine.files.entries.get(MODULES_FILE)), bytes(kept.get(MODULES_FILE))];
  const whole = place === 'old' ? listed === before : listed !== 'absent';
  return whole ? [] : [`${name}: ${path} is that of the ${place} place, and ${MODULES_FILE} is not: ${listed}`];
};

const isOver = (events: readonly NodeEvent[]): boolean => {
  const last = events.findLast(({ type }) => type === 'node.finished' || type === 'plan.started');
  return last?.type === 'node.finished' && (last.outcome === 'succeeded' || last.outcome === 'rolled-back');
};

/** No guard is left where the journal says that it is gone, or that the node has ended as wished. */
const leftArmed = (machine: Machine, events: readonly NodeEvent[]): string[] => {
  if (guardOf(machine) === 'none' && machine.deadman === null) return [];
  const last = events.findLast(({ type }) => type.startsWith('guard.'));
  const arms = machine.commands.filter(({ text }) => text.includes('drover_deadman_arm')).at(-1);
  const gone = (last?.type === 'guard.confirmed' || last?.type === 'guard.disarmed') && (arms?.at ?? 0) <= last.at;
  return gone || isOver(events)
    ? [`${machine.name}: its guard is still armed (${guardOf(machine)}), though the journal says ${last?.type ?? 'nothing of one'}`]
    : [];
};

/** Whoever comes back to a node that has gone back says so, before it goes on or ends. */
const unsaid = (name: string, events: readonly NodeEvent[], looks: readonly Look[], sends: readonly Send[]): string[] => {
  const armedAt = (at: number): NodeEvent | undefined => events.findLast((event) => event.at <= at && event.type.startsWith('guard.'));
  const backward = (at: number): boolean =>
    events.findLast((event) => event.at <= at && event.type === 'plan.started')?.type === 'plan.started' && isBack(events, at);
  /** The journal thinks that the guard waits, and the plan that runs is the one that it guards. */
  const waits = (at: number): boolean => {
    const last = armedAt(at);
    return last?.type === 'guard.armed' && isUndo(last.step) === backward(at);
  };
  const wrong: string[] = [];
  let since: Look | undefined;
  let last: Look | undefined;
  for (const look of looks) {
    const goesOn = last !== undefined && look.at - last.at <= AGAIN_MS;
    const same = goesOn && since?.by === look.by && since.fence === look.fence && since.truth.bootId === look.truth.bootId;
    last = look;
    if (look.truth.guard !== 'old' || !waits(look.at)) since = undefined;
    else if (!same) since = look;
    else if (since && waits(since.at) && look.at - since.at > NOTICED_MS) {
      wrong.push(`${name}: its guard had gone back, and ${look.by} has looked at it for ${NOTICED_MS / 1000} s without a word of it`);
      break;
    }
  }
  for (const { at, by, guard, truth } of sends)
    if (truth.guard === 'old' && waits(at) && !guard.step.startsWith('guard:')) {
      const before = looks.findLast((look) => look.by === by && look.at < at - NOTICED_MS / 2);
      if (before?.truth.guard === 'old')
        wrong.push(`${name}: its guard had gone back, and ${by} went on with ${guard.step} without a word of it`);
    }
  return wrong;
};

const isBack = (events: readonly NodeEvent[], at: number): boolean => {
  const plan = events.findLast((event) => event.at <= at && event.type === 'plan.started');
  return plan?.type === 'plan.started' && plan.plan === 'rollback';
};

/** A move is confirmed where and on which boot the journal says, when all is proven, over a connection made after that. */
const confirmed = (name: string, events: readonly NodeEvent[], sends: readonly Send[], recipe: Recipe, meddled: boolean): string[] =>
  events.flatMap((event) => {
    if (event.type !== 'guard.confirmed') return [];
    const sent = sends.findLast(
      ({ text, at, heard }) =>
        text.includes('drover_deadman_confirm') && at <= event.at && typeof heard === 'object' && heard.kind === 'exited',
    );
    if (!sent) return [`${name}: said to be confirmed, and nobody has confirmed it`];
    const { truth, connectedAt } = sent;
    const proven = events.findLast(
      ({ at, type }) => at <= sent.at && (type === 'step.verified' || type === 'step.adopted' || type === 'step.skipped'),
    );
    const back = isUndo(event.step);
    const { old, new: moved } = addressesOf(recipe, name);
    const place = back ? old : moved;
    return [
      ...(truth.bootId === event.bootId ? [] : [`${name}: confirmed on ${truth.bootId}, and the journal says on ${event.bootId}`]),
      ...(event.address === place && truth.address === place
        ? []
        : [`${name}: confirmed at ${truth.address}, by the journal at ${event.address}, and not at ${place}`]),
      ...(back || !recipe.modules || truth.loaded || meddled ? [] : [`${name}: confirmed though its module was not loaded`]),
      ...(connectedAt >= (proven?.at ?? 0) ? [] : [`${name}: confirmed over a connection that was there before it was proven`]),
    ];
  });

/** Nothing of a move is changed on a node whose guard is not armed. */
const unguarded = (name: string, sends: readonly Send[]): string[] =>
  sends.flatMap(({ guard, truth, heard, text }) =>
    /(^|\.)address:/.test(guard.step) &&
    !text.includes('deadman') &&
    typeof heard === 'object' &&
    heard.kind === 'exited' &&
    truth.guard === 'none'
      ? [`${name}: ${guard.step} changed it though no guard was armed`]
      : [],
  );

/** Every boot has its reason: drover's word, a person, the power; else the guard's, once an arming. */
const boots = ({ name, commands }: Machine, fleet: Fleet, { restarts }: Notebook): string[] => {
  const causes = [
    ...restarts.filter(({ node }) => node === name).map(({ at }) => at),
    ...commands.filter(({ text }) => text.includes('systemctl reboot')).map(({ at }) => at),
  ];
  const arms = commands.filter(({ text }) => text.includes('drover_deadman_arm')).map(({ at }) => at);
  const all = fleet.bootsOf(name);
  const own = new Set<number>();
  return all.flatMap(({ at }, index) => {
    const before = all[index - 1];
    if (!before || causes.some((cause) => cause >= before.at && cause <= at)) return [];
    const armed = arms.findLast((arm) => arm < at);
    if (armed === undefined) return [`${name}: it booted at ${at}, and nobody knows why`];
    if (own.has(armed)) return [`${name}: its guard has restarted it twice`];
    own.add(armed);
    return [];
  });
};

/** What must never happen to a node whose address moves under guard. */
export const judgeGuard = (scenario: Scenario, fleet: Fleet, book: Notebook, kept: Kept, run: string): string[] =>
  scenario.nodes.flatMap(({ name }) => {
    const machine = fleet.machine(name);
    const events = eventsOf(book, run, name);
    const sends = book.sends.filter(({ node }) => node === name);
    const meddled = book.meddled.has(name);
    return [
      ...files(machine, scenario.recipe, kept.get(name) ?? new Map(), isOver(events), meddled),
      ...leftArmed(machine, events),
      ...unsaid(name, events, book.looks.get(name) ?? [], sends),
      ...confirmed(name, events, sends, scenario.recipe, meddled),
      ...unguarded(name, sends),
      ...boots(machine, fleet, book),
    ];
  });
