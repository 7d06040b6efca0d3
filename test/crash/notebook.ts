import type { ApiRequest } from '../../src/core/action.ts';
import type { NodeEvent } from '../../src/core/event.ts';
import type { Guard, Hello, Performed } from '../../src/core/ports.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import type { Fleet } from './fleet.ts';
import { cordonOf } from './fleet.ts';
import type { Taking } from '../../src/queue/memory-leases.ts';
import type { Truth } from './truth.ts';

/** A look that a process took at a node: by what right, and what was true then. */
export type Look = { readonly at: number; readonly by: string; readonly fence: number; readonly truth: Truth };
/** A mutating command that a process sent, and what it heard of it. */
export type Send = {
  readonly at: number;
  readonly by: string;
  readonly node: string;
  readonly guard: Guard;
  readonly text: string;
  /** What was so on the node when it was sent. */
  readonly truth: Truth;
  heard: Performed | 'nothing';
  /** When the connection that it went over was made. */
  readonly connectedAt: number;
};
/** A machine that did not go down by drover's word, nor by its guard's: by a person's, or because the power went. */
export type Restart = { readonly node: string; readonly at: number };
/** A change of a Node object by a process of drover. */
export type ApiWrite = {
  readonly at: number;
  readonly by: string;
  readonly node: string;
  readonly before: ReturnType<typeof cordonOf>;
  readonly after: ReturnType<typeof cordonOf>;
  /** The last look that anybody took at the node. */
  readonly look: Look | undefined;
  /** What was true when it was written, and for how long the machine had been on that boot. */
  readonly truth: Truth;
  readonly bootedMs: number;
  /** A person had cordoned it, and nobody had taken that back. */
  readonly personsCordon: boolean;
  /** How many events the node's streams had then, by run. */
  readonly journal: number;
};
/** An event with who wrote it. */
export type Written = {
  /** When its writer had last reached the node of this stream. */
  readonly reachedAt: number;
  readonly run: string;
  readonly stream: string;
  readonly event: NodeEvent;
  readonly by: string;
  readonly fence: number;
};

/** What somebody who stands beside the world has written down, without drover's help. */
export type Notebook = {
  readonly looks: Map<string, Look[]>;
  /** When each process last reached each node, by `PROCESS NODE`. */
  readonly reached: Map<string, number>;
  /** The connection that each process has to each node, by `PROCESS NODE`, and when it was made. */
  readonly connections: Map<string, { readonly hello: Hello; readonly at: number }>;
  readonly sends: Send[];
  readonly restarts: Restart[];
  /** Every other machine that has ever answered where a node should. */
  readonly strangers: Set<Machine>;
  readonly apiWrites: ApiWrite[];
  readonly written: Written[];
  readonly takings: Taking[];
  /** Nodes that a person has cordoned, and not uncordoned since. */
  readonly personsCordons: Set<string>;
  /** Nodes whose insides somebody other than drover has changed. */
  readonly meddled: Set<string>;
  /** What was posted to the webhook. */
  readonly posts: { readonly at: number; readonly by: string; readonly what: string }[];
  readonly wrong: string[];
  /** Told of every event as it is written. */
  readonly readers: ((written: Written) => void)[];
  looked(by: string, node: string): void;
  wrote(written: Omit<Written, 'reachedAt'>): void;
  apiWrite<T>(by: string, request: ApiRequest, write: () => Promise<T>): Promise<T>;
  /** Where the story is told, if anybody listens. */
  readonly tell: ((line: string) => void) | undefined;
};

/** Opens a notebook. */
export const openNotebook = (fleet: () => Fleet, now: () => number, tell: ((line: string) => void) | undefined): Notebook => {
  const fences = new Map<string, number>();
  const takings: Taking[] = [];
  const events = new Set<NodeEvent>();
  const looks = new Map<string, Look[]>();
  const book: Notebook = {
    looks,
    reached: new Map(),
    connections: new Map(),
    sends: [],
    restarts: [],
    strangers: new Set(),
    apiWrites: [],
    written: [],
    takings,
    personsCordons: new Set(),
    meddled: new Set(),
    posts: [],
    wrong: [],
    readers: [],
    looked: (by, node) => {
      let known = looks.get(node);
      if (!known) looks.set(node, (known = []));
      for (let last = takings.at(-1), index = takings.length; last && index > 0; index -= 1, last = takings[index - 1]) {
        const key = `${last.owner} ${last.name}`;
        if (fences.get(key) === last.fence) break;
        fences.set(key, last.fence);
      }
      known.push({ at: now(), by, fence: fences.get(`${by} ${node}`) ?? 0, truth: fleet().truth(node) });
    },
    wrote: (said) => {
      // the same event again, after its reply was lost
      if (events.has(said.event)) return;
      events.add(said.event);
      const written = { ...said, reachedAt: book.reached.get(`${said.by} ${said.stream}`) ?? 0 };
      book.written.push(written);
      const { event, run, stream, by } = written;
      tell?.(`${by} writes ${run}/${stream} ${JSON.stringify(event)}`);
      for (const read of book.readers) read(written);
    },
    apiWrite: async (by, request, write) => {
      const node = /^\/api\/v1\/nodes\/([^/?]+)$/.exec(request.path)?.[1];
      if (request.method === 'GET' || node === undefined) return write();
      const { world } = fleet();
      const before = cordonOf(world, node);
      const personsCordon = book.personsCordons.has(node);
      const result = await write();
      const after = cordonOf(world, node);
      if (before.annotation !== after.annotation || before.unschedulable !== after.unschedulable) {
        const machine = fleet().machine(node);
        book.apiWrites.push({
          at: now(),
          by,
          node,
          before,
          after,
          look: looks.get(node)?.at(-1),
          truth: fleet().truth(node),
          bootedMs: now() - machine.bootedAt,
          personsCordon,
          journal: book.written.length,
        });
        tell?.(`${by} sets ${node}: ${JSON.stringify(after)}`);
      }
      return result;
    },
    tell,
  };
  return book;
};
