import type { Guard } from '../../src/core/ports.ts';
import { type Results, resultReader } from '../../src/channels/ssh/results.ts';
import {
  type LibraryCall,
  type PlainCommand,
  callScript,
  claimCall,
  guardedCall,
  haltCall,
  readCall,
  stopScript,
  tellScript,
  unitOf,
} from '../../src/channels/ssh/script.ts';

/** Takes a script's output. */
export type Sink = { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void };

/** A node that scripts can be run on: a simulated one, a folder under a real shell, or a real machine. */
export type ContractNode = AsyncDisposable & {
  /** Runs a whole script with `sh -s` as root, and hands its output over as it comes; the signal cuts the connection. */
  run(script: string, sink: Sink, severed?: AbortSignal): Promise<unknown>;
  /** In place of a script, for a node that is reached by function calls. */
  runCalls?(calls: readonly LibraryCall[], nonce: string): Promise<Results>;
  /** The same where systemd is not at work. */
  runWithoutSystemd(script: string, sink: Sink): Promise<unknown>;
  readonly bootId: string;
  readonly machineId: string;
  /** Seconds within which three calls come to their ends, so that what lasts so long still runs then. */
  readonly pace: number;
  /** Stands before every path in a command's text; empty but where a folder plays the node. */
  readonly root: string;
  /** Another machine's address, where there is one that answers. */
  readonly neighbour?: string;
};

/** What is particular about a mutating command. */
export type Write = {
  readonly fence?: number;
  readonly run?: string;
  readonly step?: string;
  readonly attempt?: number;
  readonly secrets?: PlainCommand['secrets'];
  readonly stdin?: string;
  readonly bootId?: string;
  readonly machineId?: string;
  readonly reads?: readonly string[];
  readonly nonce?: string;
  readonly durable?: boolean;
  readonly attach?: boolean;
  /** Cuts the connection as soon as this has been printed. */
  readonly until?: string;
  readonly withoutSystemd?: boolean;
};

/** What the cases leave behind on a node, drover's own folder too: for `make` where all of them run on one machine. */
export const leftByContract = [
  '/var/lib/drover',
  '/etc/x.conf',
  '/etc/ran.conf',
  '/etc/deep',
  '/etc/.drover-reserve',
  '/etc/systemd/system/drover-deadman.service',
  '/etc/systemd/system/multi-user.target.wants/drover-deadman.service',
] as const;

let calls = 0;
/** A nonce that no call had before. */
export const nextNonce = (): string => `contract${(calls += 1)}nonce`;
const plain = (text: string, more: Partial<PlainCommand> = {}): PlainCommand => ({ text, stdin: '', durable: false, secrets: {}, ...more });

/** Sends a script and reads what came back, and the lines in their order. */
export const send = async (
  node: ContractNode,
  script: string,
  nonce: string,
  { until, withoutSystemd = false }: Pick<Write, 'until' | 'withoutSystemd'> = {},
): Promise<Results & { readonly lines: readonly string[] }> => {
  const lines: string[] = [];
  const severed = new AbortController();
  const reader = resultReader(nonce, {
    capBytes: 1 << 20,
    heard: (index) => index === 'guarded',
    onLine: (_, line) => {
      lines.push(line);
      if (line === until) severed.abort();
    },
    onDone: () => undefined,
  });
  if (withoutSystemd) await node.runWithoutSystemd(script, reader);
  else await node.run(script, reader, severed.signal);
  return { ...reader.results(), lines };
};

const reach = async (
  node: ContractNode,
  calls: readonly LibraryCall[],
  nonce: string,
  byScript: () => ReturnType<typeof send>,
): ReturnType<typeof send> => (node.runCalls ? { ...(await node.runCalls(calls, nonce)), lines: [] } : byScript());

const guardOf = (node: ContractNode, more: Write): Guard => ({
  fence: more.fence ?? 1,
  run: more.run ?? 'run-1',
  step: more.step ?? 'step-1',
  attempt: more.attempt ?? 1,
  bootId: more.bootId ?? node.bootId,
});

/** Sends a mutating command. */
export const write = (node: ContractNode, text: string, more: Write = {}): ReturnType<typeof send> => {
  const nonce = more.nonce ?? nextNonce();
  const command = plain(text, { stdin: more.stdin ?? '', durable: more.durable ?? false, secrets: more.secrets ?? {} });
  const guarded = { command, guard: guardOf(node, more), machineId: more.machineId ?? node.machineId, attach: more.attach ?? false };
  const reads = (more.reads ?? []).map((read) => plain(read));
  return reach(node, [guardedCall(nonce, guarded), ...reads.map((read, index) => readCall(nonce, index, read))], nonce, () =>
    send(node, callScript(nonce, guarded, reads), nonce, more),
  );
};

/** Ends what runs. */
export const halt = (node: ContractNode, more: Write = {}): ReturnType<typeof send> => {
  const nonce = nextNonce();
  const call = haltCall(nonce, guardOf(node, more), more.machineId ?? node.machineId);
  return reach(node, [call], nonce, () => send(node, tellScript(call), nonce));
};

/** Keeps lower fences out. */
export const claim = (node: ContractNode, more: Write = {}): ReturnType<typeof send> => {
  const nonce = nextNonce();
  const call = claimCall(nonce, guardOf(node, more), more.machineId ?? node.machineId);
  return reach(node, [call], nonce, () => send(node, tellScript(call), nonce));
};

/** Ends the command that was sent with a nonce, and keeps it from starting where it has not yet. */
export const stop = (node: ContractNode, stopped: string): ReturnType<typeof send> => {
  const nonce = nextNonce();
  const call: LibraryCall = { name: 'drover_stop', words: [nonce, stopped], secrets: {} };
  return reach(node, [call], nonce, () => send(node, stopScript(nonce, stopped), nonce));
};

/** The name of the unit that a durable command gets. */
export const unitName = (node: ContractNode, text: string, more: Write = {}): string => unitOf(guardOf(node, more), plain(text));

/** Sends looks. */
export const read = async (node: ContractNode, ...texts: readonly string[]): Promise<Results> => {
  const nonce = nextNonce();
  const looks = texts.map((text) => plain(text));
  const calls = looks.map((look, index) => readCall(nonce, index, look));
  return reach(node, calls, nonce, () => send(node, callScript(nonce, null, looks), nonce));
};

/** What a call printed. */
export const out = (results: Results, index = '0'): string | undefined => results.done.get(index)?.stdout;
