import { sh } from '../core/command.ts';
import { CommandError } from '../core/error.ts';
import type { NodeChannel } from '../core/ports.ts';

const READ_MS = 20_000;

/** What a run keeps on a node: files as they were before, as `drover_snapshots` lists them. */
export type Trace = { readonly runId: string; readonly files: readonly string[] };

/** The paths in what `drover_snapshots` printed: each with two more words behind it. */
const pathsOf = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap((line) => {
    const path = line.trim().split(' ').slice(0, -2).join(' ');
    return path === '' ? [] : [path];
  });

/** The files that one run keeps on a node that is connected; undefined when the node does not tell. */
export const keptFiles = async (node: NodeChannel, runId: string, signal: AbortSignal): Promise<readonly string[] | undefined> => {
  const [kept] = await node.read([sh`drover_snapshots ${runId}`], { signal, timeoutMs: READ_MS });
  return kept?.exitCode === 0 ? pathsOf(kept.stdout) : undefined;
};

/** Looks at what runs keep on a node that is connected. */
export const readTraces = async (node: NodeChannel, name: string, signal: AbortSignal): Promise<readonly Trace[]> => {
  const options = { signal, timeoutMs: READ_MS };
  const [listed] = await node.read([sh`ls -1p /var/lib/drover 2>/dev/null || true`], options);
  if (!listed || listed.exitCode !== 0) throw new CommandError(`${name}: /var/lib/drover cannot be listed: ${listed?.stderr.trim() ?? ''}`);
  const runs = listed.stdout.split('\n').flatMap((line) => (line.endsWith('/') ? [line.slice(0, -1)] : []));
  if (runs.length === 0) return [];
  const kept = await node.read(
    runs.map((run) => sh`drover_snapshots ${run}`),
    options,
  );
  return runs.map((runId, index) => ({ runId, files: pathsOf(kept[index]?.stdout ?? '') }));
};

/** How a run stands on a node. @param lastAt when it last wrote anything down about itself or the node */
export type Standing = { readonly outcome?: string; readonly runOutcome?: string; readonly lastAt: number };

/** Whether a run may be forgotten on a node: not while it could still have to go back. */
export const isOver = (stands: Standing | undefined): boolean =>
  stands === undefined || stands.runOutcome !== undefined || stands.outcome === 'succeeded' || stands.outcome === 'rolled-back';

/** Whether nothing was heard of a run since a time; of one that has no journal nobody knows. */
export const isOlder = (stands: Standing | undefined, since: number): boolean => stands !== undefined && stands.lastAt < since;
