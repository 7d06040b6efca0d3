/** What the exit codes of drover mean; scripts depend on them. */
export const exitCodes = {
  /** All as wished. */
  done: 0,
  /** A node failed. */
  failed: 1,
  /** Usage, configuration, or a preflight that refused; nothing was touched. */
  usage: 2,
  rolledBack: 3,
  /** Parked or halted: waits for a person, or is blocked by a node. */
  waiting: 4,
  /** drover's own trouble: Redis is gone, the journal has another writer, a bug. */
  trouble: 5,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
