/** Payload of a node job: a lease on work, not a record of it. */
export type NodeJob = { readonly runId: string; readonly node: string };
/** Payload of a run job. */
export type RunJob = { readonly runId: string };

/** Makes sure that some worker looks at a node, or at a run, now; at most one job waits for each. @throws RedisError */
export type Wakes = { node(runId: string, node: string): Promise<void>; run(runId: string): Promise<void> };
