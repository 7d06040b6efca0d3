import type { ApiRequest, ApiResponse } from './action.ts';
import type { CommandResult, ControlCommand, NodeCommand } from './command.ts';
import type { Control, NewControl, NewEvent, NodeEvent } from './event.ts';
import type { Identity } from './node.ts';
import type { Notice } from './notice.ts';

/** A bound and a way to stop, for anything that waits. `onLine` gets output as it comes, secrets masked. */
export type CallOptions = { readonly signal: AbortSignal; readonly timeoutMs: number; onLine?(line: string): void };

/** What the node's wrapper checks and stores before it runs a mutating command. */
export type Guard = {
  readonly fence: number;
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  /** The boot the command was decided on; on another boot it does not run. */
  readonly bootId: string;
};

/**
 * How a mutating command ended.
 *
 * `refused` means that it did not run: `fence` a newer worker has the node (`detail` is the fence stored there), `boot` the node has rebooted
 * since, `machine` it is another machine, `lock` the lock file was held too long, `state` the wrapper could not store its intent (disk full),
 * `absent` a durable command is not there to be followed, or is gone without an exit status.
 * `unknown` means that the connection ended before an exit status came, or that the caller let go of a durable command; `late`, that it did
 * not end in time and was ended.
 */
export type Performed =
  | { readonly kind: 'exited'; readonly result: CommandResult }
  | { readonly kind: 'unknown'; readonly why: string; readonly late?: true }
  | { readonly kind: 'refused'; readonly why: 'fence' | 'boot' | 'machine' | 'lock' | 'state' | 'absent'; readonly detail: string };

/** The node as it answered: who it is, where, and on which boot; checked before anything else is sent. */
export type Hello = { readonly identity: Identity; readonly address: string; readonly bootId: string };

/** A mutating command that was sent, and the reads behind it: empty unless it exited. */
export type Written = { readonly performed: Performed; readonly reads: readonly CommandResult[] };

/** What is known of a node's whereabouts and identity, for connecting. */
export type Target = {
  readonly name: string;
  /** Candidates, best first: inventory, what answered before, InternalIP, where a started change moves it. */
  readonly addresses: readonly string[];
  /** Pinned at first contact; what differs is another machine, and gets no command. */
  readonly identity: Identity | null;
};

/** One node over ssh: a connection that is kept and reused, checked for identity whenever it is made anew. */
export interface NodeChannel extends AsyncDisposable {
  /** Connects if there is no live connection; all candidates race, only the node itself is accepted. @throws ConnectionError */
  hello(target: Target, options: CallOptions): Promise<Hello>;
  /** Runs read-only commands in one exec, as root; results in the same order. @throws ConnectionError when cut off */
  read(commands: readonly NodeCommand[], options: CallOptions): Promise<readonly CommandResult[]>;
  /** Runs one mutating command through the wrapper on the node, then the reads in the same exec. The signal ends it; of a durable one it lets go. */
  write(command: NodeCommand, guard: Guard, reads: readonly NodeCommand[], options: CallOptions): Promise<Written>;
  /**
   * Follows a durable command that was written before, by anybody, with the same run, step and attempt: all its output from the beginning,
   * its exit status also when it has ended meanwhile. Starts nothing.
   */
  attach(command: NodeCommand, guard: Guard, reads: readonly NodeCommand[], options: CallOptions): Promise<Written>;
  /**
   * Keeps every lower fence out of the node from now on, and ends what one still runs there; a durable command goes on, to be followed.
   *
   * For who takes over from a worker that may only be frozen: what that one had sent by then is otherwise let in until the first command.
   */
  claim(guard: Guard, options: CallOptions): Promise<Performed>;
  /** Ends whatever drover runs on the node; exited with 0 when nothing of it is left. */
  halt(guard: Guard, options: CallOptions): Promise<Performed>;
  /** Forgets the connection, so that the next hello() makes a new one. */
  drop(): void;
}

/** The Kubernetes API. @throws ClusterError when it cannot be reached or refuses (401, 403, 429, 5xx); 404 and 409 are answers */
export interface ClusterChannel {
  call(request: ApiRequest, options: CallOptions): Promise<ApiResponse>;
}

/** Programs on the controller, run by zx without a shell string. An exit code other than 0 is an answer. */
export interface ControlChannel {
  run(command: ControlCommand, options: CallOptions): Promise<CommandResult>;
}

/** What came of telling people something; `why` names no secret. */
export type Sent = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Tells people, wherever they look, that something waits for them. */
export interface Notifier {
  /** Posts a notice, within a bound of its own. Never throws: what does not get through stops nothing. */
  tell(notice: Notice, signal: AbortSignal): Promise<Sent>;
}

/** Where an append has to fit: behind `afterSeq`, by a holder of `fence`. `nonce` tells my own success from a conflict when a reply was lost. */
export type AppendAt = { readonly afterSeq: number; readonly fence: number; readonly nonce: string };

/** An event of a run, and the stream it stands in: a node's name, or the run's own. */
export type StreamEvent = { readonly stream: string; readonly event: NodeEvent };

/** The only truth about a run: one stream a node, one for the run, one of what people said, one capped stream of output a node. */
export interface Journal {
  /** The events of a stream behind `afterSeq`; all of them without one. */
  read(run: string, stream: string, afterSeq?: number): Promise<readonly NodeEvent[]>;
  /** @throws JournalConflictError for a lower fence or another sequence */
  append(run: string, stream: string, at: AppendAt, event: NewEvent): Promise<NodeEvent>;
  /** Which streams of a run got events behind a cursor, each once, and the cursor to ask with next; '' is the beginning. */
  changed(run: string, after: string): Promise<{ readonly streams: readonly string[]; readonly cursor: string }>;
  /** Yields the events of all streams behind a cursor, in the order in which they were written, as they come, until the signal. */
  followRun(run: string, after: string, signal: AbortSignal): AsyncIterable<StreamEvent>;
  control(run: string, record: NewControl): Promise<Control>;
  /** What people said to a run, in order; with `after`, the id of a record, only what was said behind it. */
  controls(run: string, after?: string): Promise<readonly Control[]>;
  /** Appends lines of output; old ones fall out. */
  output(run: string, stream: string, step: string, lines: readonly string[]): Promise<void>;
  readOutput(run: string, stream: string): Promise<readonly { readonly at: number; readonly step: string; readonly line: string }[]>;
  /** Names a run, so that `runs()` lists it, newest first. */
  register(run: string): Promise<void>;
  runs(): Promise<readonly string[]>;
}

/** The clock of the engine; the simulation has a virtual one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What is known of nodes across runs: where each answered, latest first, and who it is. */
export interface NodeMemory {
  recall(node: string): Promise<{ readonly addresses: readonly string[]; readonly identity: Identity | null }>;
  remember(node: string, what: { readonly address?: string; readonly identity?: Identity }): Promise<void>;
}
