import type { Otherwise } from '../core/asked.ts';
import { CommandError, ConnectionError, JournalConflictError } from '../core/error.ts';
import type { Control, NewEvent } from '../core/event.ts';
import type { Hello, Journal, NodeChannel } from '../core/ports.ts';
import { type NodeRun, fold, reduce } from '../core/reduce.ts';
import type { Plan } from '../core/plan.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Assignment, World } from './world.ts';

/** How long one command may run when its step names no bound. */
export const COMMAND_MS = 10 * 60_000;
/** How long a look may take. */
export const LOOK_MS = 60_000;
const CONTROL_EVERY_MS = 400;
/** How long what was said to a run is remembered, so that the next look has to fetch only what is new. */
const REMEMBERED_MS = 60_000;

/** One hold of a node: its journal folded so far, the right to append to it, and its connection. */
export type Session = {
  readonly assignment: Assignment;
  readonly world: World;
  readonly run: () => NodeRun;
  append(event: NewEvent): Promise<void>;
  /** Connects if need be, within a minute unless told, pins the identity at first contact and journals another address. */
  hello(timeoutMs?: number): Promise<Hello>;
  /** What people have said; read again at most every 400 ms. */
  controls(): Promise<readonly Control[]>;
};

/** What becomes of the node when a step of the plan that runs fails. */
export const otherwiseOf = ({ assignment, run }: Session): Otherwise =>
  assignment.onFailure === 'rollback' && run().plan === 'forward' ? 'goes-back' : 'stays';

/** Where the changes of a plan that were begun move the node, in their order. */
export const movesBegun = ({ items }: Plan, run: NodeRun): readonly string[] =>
  items.flatMap(({ step }) => (step.kind === 'change' && step.moves && run.steps[step.id]?.before !== undefined ? [step.moves.to] : []));

/** The addresses to try for a node, best first: where it answered last, where started changes move it, the inventory, and what is remembered. */
export const candidates = ({ plan, node }: Assignment, run: NodeRun, remembered: readonly string[]): readonly string[] => [
  ...new Set([...(run.address === undefined ? [] : [run.address]), ...movesBegun(plan, run), ...node.addresses, ...remembered]),
];

/** What people were last found to have said, by journal and run: all the nodes that this process works on share one look. */
const said = new WeakMap<Journal, Map<string, Look>>();
type Look = { readonly at: number; readonly records: Promise<readonly Control[]> };

/** Fetches what was said behind what an earlier look has found. */
const lookAgain = async (journal: Journal, runId: string, earlier: Look | undefined): Promise<readonly Control[]> => {
  const known = (await earlier?.records.catch(() => undefined)) ?? [];
  const fresh = await journal.controls(runId, known.at(-1)?.id);
  return fresh.length === 0 ? known : [...known, ...fresh];
};

const saidSince = ({ journal, clock }: World, runId: string, since: number): Promise<readonly Control[]> => {
  const now = clock.now();
  const runs = said.get(journal) ?? new Map<string, Look>();
  said.set(journal, runs);
  const known = runs.get(runId);
  if (known && known.at > since && now - known.at < CONTROL_EVERY_MS) return known.records;
  for (const [run, { at }] of runs) if (now - at >= REMEMBERED_MS) runs.delete(run);
  const records = lookAgain(journal, runId, runs.get(runId));
  const look: Look = { at: now, records };
  runs.set(runId, look);
  records.catch(() => runs.get(runId) === look && runs.delete(runId));
  return records;
};

const CLAIM_MS = 20_000;

/** Keeps whoever held the node before out of it, before anything is concluded from a look. */
const claimNode = async ({ runId, node, fence, signal }: Assignment, channel: NodeChannel, bootId: string): Promise<void> => {
  const performed = await channel.claim({ fence, run: runId, step: 'claim', attempt: 0, bootId }, { signal, timeoutMs: CLAIM_MS });
  if (performed.kind === 'exited') return;
  if (performed.kind === 'unknown') throw new ConnectionError('unreachable', `${node.name} could not be taken over: ${performed.why}`);
  if (performed.why === 'fence')
    throw new JournalConflictError(`${node.name}: a newer worker has it`, { detail: { nodeFence: Number(performed.detail) || 0 } });
  // it is looked at anew: it has rebooted since, or is another machine, or its disk is full
  channel.drop();
  throw new CommandError(`${node.name} could not be taken over from the worker before: ${performed.detail}`, { transient: true });
};

/** Opens a hold: reads the journal once and follows its own appends from there. */
export const openSession = async (assignment: Assignment, world: World): Promise<Session> => {
  const { runId, node, fence, signal } = assignment;
  let run = fold(await world.journal.read(runId, node.name));
  // asked once a hold: nobody but its holder writes it
  let memory: Awaited<ReturnType<World['memory']['recall']>> | undefined;

  const append = async (event: NewEvent): Promise<void> => {
    if (signal.aborted) throw new JournalConflictError(`${node.name}: the hold ended before ${event.type} could be written`);
    run = reduce(run, await world.journal.append(runId, node.name, { afterSeq: run.seq, fence, nonce: world.nonce() }, event));
  };

  let claimed = false;
  const hello = async (timeoutMs = LOOK_MS): Promise<Hello> => {
    if (!world.node) throw new ConnectionError('unreachable', `${RUN_STREAM}: a step that runs once for the run has no ssh`);
    memory ??= await world.memory.recall(node.name);
    const identity = run.identity ?? memory.identity;
    const found = await world.node.hello(
      { name: node.name, addresses: candidates(assignment, run, memory.addresses), identity },
      { signal, timeoutMs },
    );
    if (assignment.claimed && !claimed) {
      await claimNode(assignment, world.node, found.bootId);
      await assignment.claimed();
      claimed = true;
    }
    if (!run.identity) {
      await append({ type: 'node.identified', identity: found.identity, address: found.address });
      await world.memory.remember(node.name, { identity: found.identity, address: found.address });
    } else if (run.address !== found.address) {
      await append({ type: 'node.addressed', address: found.address });
      await world.memory.remember(node.name, { address: found.address });
    }
    return found;
  };

  // what was read before this hold began may lack the very word that woke it
  const openedAt = world.clock.now();
  const controls = (): Promise<readonly Control[]> => saidSince(world, runId, openedAt);

  return { assignment, world, run: () => run, append, hello, controls };
};
