import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, senseless } from './answer.ts';

/** Where drover writes on a node: its own state, and what it configures. */
const folders = ['/var/lib/drover', '/var/lib', '/etc'] as const;

/** Whether each folder has room for what drover writes there; the exact figure is left out, because it changes by itself. */
export type DiskSpace = { readonly [folder: string]: 'enough' | 'full' };

/** drover writes some kilobytes; a file system with less than this is as good as full. */
const LEAST_KIB = 4096;

/** Reads whether the node's disk has room, in blocks of 1024 bytes. Source: df(1), POSIX output. */
export const diskSpace = (): Fact<DiskSpace> =>
  reading(sh`LC_ALL=C df -Pk ${folders} 2>/dev/null`, (result) => {
    const [, ...rows] = lines(result.stdout);
    // the first folder is made with the first change, and until then df leaves it out
    const there = folders.slice(folders.length - rows.length);
    const room = rows.map((row) => Number(row.trim().split(/\s+/).at(-3)));
    if (rows.length < folders.length - 1 || room.some((kib) => Number.isNaN(kib))) throw senseless('the disk space', result);
    return Object.fromEntries(there.map((folder, index) => [folder, (room[index] ?? 0) < LEAST_KIB ? 'full' : 'enough']));
  });
