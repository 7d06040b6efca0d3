import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { say } from './log.ts';
import { labNamespaces, processesIn } from './network.ts';
import { alive, must } from './process.ts';
import { poll } from './wait.ts';

let count = 0;
/** A fresh name for a namespace that belongs to this process. */
export const ownNamespace = (): string => `drover-lab-${process.pid}-${++count}`;
/** The namespace of the one lab that is started by hand. */
export const handNamespace = 'drover-lab';

/** Whether a process sits at a terminal: field 7 of proc(5)'s stat. A person's shell in the namespace is not ours to end. */
const hasTerminal = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4] ?? '0') !== '0';
};

const ours = async (netns: string): Promise<number[]> => {
  const all = await processesIn(netns);
  const seated = await Promise.all(all.map(hasTerminal));
  return all.filter((pid, at) => pid !== process.pid && seated[at] === false);
};

/**
 * Ends everything that runs in a lab's namespace (all of it was started by the lab, or by drover in it), and removes the namespace.
 *
 * With SIGKILL: nothing of it has to be saved, and an API server that waits for its watchers would take its time.
 */
export const endNamespace = async (netns: string): Promise<void> => {
  await poll(`the processes in ${netns} end`, { withinMs: 15_000, everyMs: 50 }, async () => {
    const pids = await ours(netns);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended by itself
      }
    }
    return pids.length === 0 ? true : undefined;
  });
  await must('ip', ['netns', 'delete', netns]);
};

/** Makes the folder of the lab in this namespace, among the machine's temporary ones; short, because unix sockets stand in it. */
export const labFolder = (netns: string): Promise<string> => mkdtemp(path.join(tmpdir(), `${netns}.`));

/** Removes what labs have left whose process is gone (it was killed, so it could not). */
export const sweep = async (): Promise<void> => {
  for (const netns of await labNamespaces()) {
    const owner = /^drover-lab-(\d+)-/.exec(netns)?.[1];
    if (owner === undefined || (await alive(Number(owner)))) continue;
    say(`${netns} was left behind by process ${owner}: removing it`);
    await endNamespace(netns);
    const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(`${netns}.`));
    await Promise.all(folders.map((name) => rm(path.join(tmpdir(), name), { recursive: true })));
  }
};
