import type { NodeEvent } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import { isUndo } from '../../src/core/undo.ts';
import type { CommandRecord, Machine } from '../../src/sim/node/machine.ts';
import type { Fleet } from './fleet.ts';
import type { Look, Notebook, Send } from './notebook.ts';
import { type Recipe, SECRET, addressesOf } from './runbook.ts';
import type { Truth } from './truth.ts';

/** Between a look and what follows from it the world may change. */
const JUST_NOW_MS = 3000;
/** Who reached a node longer ago than this goes blind. */
const BLIND_MS = 5000;
const REBOOT = 'systemctl reboot';

/** The events of one stream. */
export const eventsOf = (book: Notebook, run: string, stream: string): readonly NodeEvent[] =>
  book.written.filter((one) => one.run === run && one.stream === stream).map(({ event }) => event);

const started = (events: readonly NodeEvent[], command: CommandRecord): boolean =>
  events.some(
    ({ at, ...event }) =>
      event.type === 'step.started' && at <= command.at && event.step === command.step && event.attempt === command.attempt,
  );

/** A command ran that its worker had no right to send: another one had taken over, and had acted or looked. */
const staleCommands = (name: string, commands: readonly CommandRecord[], looks: readonly Look[]): string[] => {
  const wrong: string[] = [];
  let seen = 0;
  let highest = 0;
  for (const command of commands) {
    if (command.fence < highest)
      wrong.push(`${name}: ${command.step} ran with fence ${command.fence} after a command with ${highest}: two workers act on one node`);
    highest = Math.max(highest, command.fence);
    for (let look = looks[seen]; look && look.at < command.at; look = looks[(seen += 1)]) highest = Math.max(highest, look.fence);
  }
  return wrong;
};

/** Boots that drover ordered, by plan and step: one each, whatever was lost on the way. */
const reboots = (name: string, events: readonly NodeEvent[], sends: readonly Send[], commands: readonly CommandRecord[]): string[] => {
  const boots = new Map<string, Set<string>>();
  for (const command of commands) {
    if (!command.text.includes(REBOOT)) continue;
    const sent = sends.find(
      ({ guard }) => guard.step === command.step && guard.attempt === command.attempt && guard.fence === command.fence,
    );
    // what the guard has taken back is done once more
    const plan = events.filter(({ type, at }) => (type === 'plan.started' || type === 'guard.reverted') && at <= command.at).length;
    const key = `plan ${plan}, ${command.step}`;
    const known = boots.get(key) ?? new Set();
    known.add(sent?.guard.bootId ?? `nobody sent it at ${command.at}`);
    boots.set(key, known);
  }
  return [...boots].flatMap(([key, ids]) => (ids.size > 1 ? [`${name}: rebooted ${ids.size} times by ${key}`] : []));
};

/** Boots that drover ordered though everything was proven on the boot that ran, and nothing waited for another one. */
const needless = (name: string, events: readonly NodeEvent[], sends: readonly Send[], recipe: Recipe): string[] =>
  sends.flatMap(({ at, text, guard, truth }) => {
    if (!text.includes(REBOOT) || isUndo(guard.step) || truth.bootId !== guard.bootId) return [];
    const waits = events.some(
      (event) =>
        event.at <= at &&
        (event.type === 'step.started' || event.type === 'step.applied') &&
        /^(kernel-modules|address):/.test(event.step) &&
        event.bootId === guard.bootId,
    );
    const proven = (!recipe.modules || truth.loaded) && (!recipe.address || truth.address === addressesOf(recipe, name).new);
    return proven && !waits ? [`${name}: was rebooted without need: somebody had done it before`] : [];
  });

/** Outcomes that nobody knew, and what was made of them. */
const outcomes = (name: string, events: readonly NodeEvent[], sends: readonly Send[], looks: readonly Look[]): string[] => {
  const wrong: string[] = [];
  const unknown = new Map<string, number>();
  for (const event of events) {
    switch (event.type) {
      case 'step.unknown':
        unknown.set(event.step, event.at);
        break;
      case 'step.applied': {
        const attempt = events.filter((one) => one.seq < event.seq && one.type === 'step.started' && one.step === event.step).length;
        const heard = sends.filter(({ guard }) => guard.step === event.step && guard.attempt === attempt);
        if (
          heard.some((send) => send.heard === 'nothing' || send.heard.kind !== 'exited' || send.heard.result.exitCode !== 0) &&
          !heard.some((send) => typeof send.heard === 'object' && send.heard.kind === 'exited' && send.heard.result.exitCode === 0)
        )
          wrong.push(`${name}: ${event.step} is said to be applied, but nobody heard how it ended`);
        break;
      }
      case 'step.verified':
      case 'step.adopted':
      case 'step.skipped':
      case 'step.failed': {
        const since = unknown.get(event.step);
        unknown.delete(event.step);
        if (
          since !== undefined &&
          !looks.some(({ at }) => at >= since && at <= event.at) &&
          !(event.type === 'step.failed' && event.error.name === 'ConnectionError')
        )
          wrong.push(`${name}: ${event.step} ended as ${event.type} though its outcome was unknown and nobody looked`);
        break;
      }
    }
  }
  return wrong;
};

/** Changes that were begun before it was known who the machine is. */
const unpinned = (name: string, events: readonly NodeEvent[]): string[] => {
  const first = events.findIndex(({ type }) => type === 'step.started');
  const pinned = events.findIndex(({ type }) => type === 'node.identified');
  return first >= 0 && (pinned < 0 || pinned > first) ? [`${name}: a step was begun before it was pinned who the machine is`] : [];
};

const controls = (where: string, events: readonly NodeEvent[]): string[] => {
  const seen = new Set<string>();
  return events.flatMap((event) => {
    if (!('control' in event) || event.control === undefined) return [];
    const twice = seen.has(event.control);
    seen.add(event.control);
    return twice ? [`${where}: the control record ${event.control} was acted upon twice (${event.type})`] : [];
  });
};

/** What must never happen, looked for on one node and in its streams. */
export const judgeNode = (book: Notebook, fleet: Fleet, runs: readonly string[], machine: Machine, recipe: Recipe): string[] => {
  const { name, commands } = machine;
  const looks = book.looks.get(name) ?? [];
  const wrong = staleCommands(name, commands, looks);
  for (const run of runs) {
    const events = eventsOf(book, run, name);
    const mine = commands.filter((command) => command.run === run);
    const sends = book.sends.filter((send) => send.node === name && send.guard.run === run);
    for (const command of mine) {
      const decidedOn = sends.findLast(
        ({ at, guard, text }) =>
          at <= command.at &&
          guard.step === command.step &&
          guard.attempt === command.attempt &&
          guard.fence === command.fence &&
          text === command.text,
      )?.guard.bootId;
      if (decidedOn !== undefined && decidedOn !== fleet.bootAt(name, command.at))
        wrong.push(`${name}: ${command.step} was decided on another boot than it ran on`);
    }
    for (const command of mine)
      if (!command.step.startsWith('guard:') && !started(events, command))
        wrong.push(`${name}: ${command.step} (attempt ${command.attempt}) ran before its step.started was written`);
    wrong.push(
      ...reboots(name, events, sends, mine),
      ...needless(name, events, sends, recipe),
      ...unpinned(name, events),
      ...outcomes(name, events, sends, looks),
      ...controls(`${run}/${name}`, events),
    );
  }
  return wrong;
};

/** Other machines that answered where a node should: nothing ran there, and nothing was sent there that they had to refuse. */
export const judgeStrangers = ({ strangers }: Notebook): string[] =>
  [...strangers].flatMap(({ name, commands, refusals }) =>
    commands.length + refusals.length > 0 ? [`a command was sent to another machine, ${name}`] : [],
  );

/** Who wrote what: no stream is written to by somebody who was replaced, and nobody takes a node back without having reached it. */
export const judgeWriters = (book: Notebook): string[] => {
  const highest = new Map<string, number>();
  return book.written.flatMap(({ run, stream, event, by, fence, reachedAt }) => {
    const key = `${run}/${stream}`;
    const before = highest.get(key) ?? 0;
    highest.set(key, Math.max(before, fence));
    const wrong = fence < before ? [`${key}: ${by} wrote ${event.type} with fence ${fence} after somebody with ${before}`] : [];
    const blind =
      stream !== RUN_STREAM && event.type === 'plan.started' && event.by === 'onFailure: rollback' && event.at - reachedAt > BLIND_MS;
    return blind ? [...wrong, `${key}: ${by} began to take it back without having reached it`] : wrong;
  });
};

/** Secrets that were written down. */
export const judgeSecrets = (book: Notebook, { secret }: Recipe): string[] =>
  (secret ? book.written : []).flatMap(({ run, stream, event }) =>
    JSON.stringify(event).includes(SECRET.value) ? [`${run}/${stream}: event ${event.seq} holds a secret`] : [],
  );

/** Changes of a Node object that nobody may make. */
export const judgeCordons = (book: Notebook, wished: (truth: Truth, back: boolean, node: string) => string | undefined): string[] =>
  book.apiWrites.flatMap((write) => {
    const { node, before, after, look } = write;
    const wrong: string[] = [];
    if (write.personsCordon && before.unschedulable && !after.unschedulable)
      wrong.push(`${node}: the cordon that a person had made was removed by ${write.by}`);
    const log = book.written.slice(0, write.journal).filter((one) => one.stream === node);
    const last = log.findLast(({ event }) => 'step' in event && event.step.endsWith('cordon'));
    if (last?.event.type !== 'step.started' && last?.event.type !== 'step.unknown')
      wrong.push(`${node}: ${JSON.stringify(after)} was set without a step.started before it (last: ${last?.event.type ?? 'nothing'})`);
    if (before.unschedulable && !after.unschedulable) {
      const plan = log.findLast(({ event }) => event.type === 'plan.started');
      const back = plan?.event.type === 'plan.started' && plan.event.plan === 'rollback';
      // somebody who reboots it a moment before is not to be noticed
      const rebooted = write.truth.bootId !== look?.truth.bootId && write.bootedMs < JUST_NOW_MS;
      const why = look
        ? (wished(look.truth, back, node) ?? (rebooted ? undefined : wished(write.truth, back, node)))
        : 'nobody had looked at it';
      if (!rebooted && write.truth.up && !write.truth.reported)
        wrong.push(`${node}: uncordoned by ${write.by} though the cluster had not heard of its boot`);
      if (why !== undefined) wrong.push(`${node}: uncordoned by ${write.by} though ${why}`);
    }
    return wrong;
  });
