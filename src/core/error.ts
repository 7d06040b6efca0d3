import type { Json } from './json.ts';

/** An error as it stands in the journal. */
export type ErrorData = { readonly name: string; readonly message: string; readonly transient: boolean; readonly detail?: Json };

/** The base of all errors that drover expects; anything else that is thrown is a bug and is called one. */
export class DroverError extends Error {
  /** Worth another try until the step's `within`: unreachable, 429, a package lock held. Read in one place, the engine. */
  readonly transient: boolean;
  readonly detail: Json | undefined;
  constructor(message: string, options: { readonly transient?: boolean; readonly cause?: unknown; readonly detail?: Json } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.transient = options.transient ?? false;
    this.detail = options.detail;
  }
  toJSON(): ErrorData {
    return {
      name: this.name,
      message: this.message,
      transient: this.transient,
      ...(this.detail !== undefined && { detail: this.detail }),
    };
  }
}

/** Why a node could not be reached as itself. Only `unreachable` is worth another try. */
export type ConnectionReason = 'unreachable' | 'authentication' | 'host-key' | 'identity' | 'sudo';

/** What one address of a node answered when it was tried. */
export type Attempt = { readonly address: string; readonly reason: ConnectionReason; readonly message: string };

/** The node could not be reached, or what answered is not the node. No command was sent. */
export class ConnectionError extends DroverError {
  readonly reason: ConnectionReason;
  readonly attempts: readonly Attempt[];
  constructor(
    reason: ConnectionReason,
    message: string,
    options: { readonly cause?: unknown; readonly attempts?: readonly Attempt[] } = {},
  ) {
    const attempts = options.attempts ?? [];
    super(message, {
      transient: reason === 'unreachable',
      cause: options.cause,
      detail: { reason, attempts: attempts.map((attempt) => ({ ...attempt })) },
    });
    this.reason = reason;
    this.attempts = attempts;
  }
}

/** A command ended otherwise than it should. `detail` has the masked command, the exit code and the full standard error. */
export class CommandError extends DroverError {}

/** The Kubernetes API refused, or could not be reached. `detail` has status and reason. */
export class ClusterError extends DroverError {}

/** A wish did not come true in time. `detail` has what is unmet and the last state. */
export class UnmetError extends DroverError {}

/** The plan of a run no longer is what the runbook says. `detail` shows both sides. */
export class PlanDriftError extends DroverError {}

/** Somebody else wrote to the journal, or a newer fence exists: this writer has been replaced and stops quietly. */
export class JournalConflictError extends DroverError {}

/** Redis cannot be reached, or lost what it must not lose. */
export class RedisError extends DroverError {}

/** A person or a signal stopped this. */
export class CancelledError extends DroverError {}

/** What was asked for cannot be done as it stands; nothing was touched. `detail` has the file, line and path where there is one. */
export class UsageError extends DroverError {}

/**
 * Whether an error tells how the work stands (a node, a cluster, a command), so that whoever meets it can note it and go on. Not a bug, and not the
 * journal: a worker that cannot write there, or must not any more, has nothing to go on with.
 */
export const isAboutWork = (error: unknown): error is DroverError =>
  error instanceof DroverError && !(error instanceof JournalConflictError) && !(error instanceof RedisError);

/** The ErrorData of anything that was thrown; what is not a DroverError is named a bug. */
export const errorData = (error: unknown): ErrorData => {
  if (error instanceof DroverError) return error.toJSON();
  if (error instanceof Error) {
    return {
      name: 'Bug',
      message: `a bug in drover or in the runbook: ${error.message}`,
      transient: false,
      detail: { stack: error.stack ?? '' },
    };
  }
  return { name: 'Bug', message: `a bug in drover or in the runbook: ${String(error)}`, transient: false };
};
