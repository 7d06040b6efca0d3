import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { NewEvent } from '../src/core/event.ts';
import { RUN_STREAM } from '../src/core/node.ts';
import type { Journal } from '../src/core/ports.ts';
import { redisJournal } from '../src/journal/redis.ts';
import { connectRedis } from '../src/queue/connection.ts';
import { ensureRedis, stopRedis } from '../src/queue/redis-server.ts';
import { usedBy } from './program.ts';

/** How busy the run is that is watched. */
export type Load = { readonly nodes: number; readonly eventsPerS: number; readonly seconds: number };

/** What the screen costs. */
export type ScreenCost = {
  /** From the command to the first frame of a run that has ended: the median, and the processor's part in it. */
  readonly firstFrameMs: number;
  readonly firstFrameCpuMs: number;
  readonly framesPerS: number;
  /** Of one core, while the events came. */
  readonly cpuPercent: number;
  readonly eventsPerS: number;
  readonly bytesPerS: number;
};

const main = new URL('../dist/src/cli/main.js', import.meta.url).pathname;
/** Ink begins each frame with this: the terminal is to show it at once. */
const FRAME = '\u001b[?2026h';
/** Printed when the terminal has its size and the command begins. */
const BEGINS = 'the command begins';
const OPENS_WITHIN_MS = 30_000;
const OPENED = 5;

const line = z.looseObject({ run: z.string(), node: z.string(), seq: z.number(), at: z.number(), type: z.string() });

/** The events of a real run, by stream. */
const recorded = (): Readonly<Record<string, readonly NewEvent[]>> => {
  const lines = readFileSync(new URL('../test/tui/night.fixture.ndjson', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const streams: Record<string, NewEvent[]> = {};
  for (const text of lines) {
    const { run: _run, node, seq: _seq, at: _at, ...event } = line.parse(JSON.parse(text));
    const read: unknown = event;
    (streams[node] ??= []).push(z.custom<NewEvent>().parse(read));
  }
  return streams;
};

/** `drover watch RUN` on a terminal of 200 by 60, as script(1) makes one; what it draws is kept. */
const openScreen = (run: string, env: NodeJS.ProcessEnv) => {
  const command = `stty cols 200 rows 60; echo ${BEGINS}; exec ${process.execPath} ${main} watch ${run}`;
  let began = performance.now();
  const child = spawn('script', ['-qfec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let drawn = '';
  let firstAt: number | undefined;
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  child.stdout.on('data', (chunk: Buffer) => {
    if (drawn === '' && chunk.includes(BEGINS)) began = performance.now();
    drawn += chunk.toString();
    if (firstAt === undefined && drawn.includes('runner-')) firstAt = performance.now();
  });
  return {
    opened: async (): Promise<number> => {
      const until = performance.now() + OPENS_WITHIN_MS;
      while (firstAt === undefined) {
        if (performance.now() > until || child.exitCode !== null)
          throw new Error(`the screen did not open; it drew:\n${drawn.slice(-2000)}`);
        await wait(2);
      }
      return firstAt - began;
    },
    /** Of the process of drover itself: what script(1) started became it. */
    cpuMs: (): number => usedBy(Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())).cpuMs,
    /** How much was drawn since the last question. */
    drawn: () => {
      const since = { frames: drawn.split(FRAME).length - 1, bytes: drawn.length };
      drawn = '';
      return since;
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.stdin.write('qy');
      const force = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(force);
    },
  };
};

const writer = (journal: Journal, run: string) => {
  const seqs = new Map<string, number>();
  return async (stream: string, event: NewEvent): Promise<void> => {
    const afterSeq = seqs.get(stream) ?? 0;
    seqs.set(stream, afterSeq + 1);
    await journal.append(run, stream, { afterSeq, fence: 1, nonce: randomUUID() }, event);
  };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Measures the screen of `drover watch`, as it was built, over a real Redis and on a real terminal. */
export const screenCost = async (folder: string, { nodes, eventsPerS, seconds }: Load): Promise<ScreenCost> => {
  const state = join(folder, 'screen');
  mkdirSync(state, { mode: 0o700 });
  const redis = connectRedis({ socket: await ensureRedis({ stateDir: state }), name: 'bench' });
  const { REDIS_URL: _redis, NO_COLOR: _colour, ...rest } = process.env;
  const env = { ...rest, HOME: state, DROVER_STATE_DIR: state, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' };
  try {
    const journal = redisJournal(redis);
    const history = recorded();
    const [started] = history[RUN_STREAM] ?? [];
    const steps = history['runner-01'] ?? [];
    const [pattern] = started?.type === 'run.started' ? started.spec.nodes : [];
    if (started?.type !== 'run.started' || !pattern) throw new Error('the recorded run does not begin with run.started');

    const ended = writer(journal, 'ended');
    for (const [stream, events] of Object.entries(history)) for (const event of events) await ended(stream, event);
    await journal.register('ended');
    const opened: number[] = [];
    const cpu: number[] = [];
    for (let index = 0; index < OPENED; index += 1) {
      await using screen = openScreen('ended', env);
      opened.push(await screen.opened());
      cpu.push(screen.cpuMs());
    }

    const names = Array.from({ length: nodes }, (_, index) => `runner-${String(index + 1).padStart(4, '0')}`);
    const write = writer(journal, 'busy');
    await write(RUN_STREAM, { ...started, spec: { ...started.spec, nodes: names.map((name) => ({ ...pattern, name })) } });
    await journal.register('busy');
    // the nodes are in all stages, as in the middle of a long run
    const at = names.map((_, index) => index % steps.length);
    await Promise.all(
      names.map(async (name, index) => {
        for (const event of steps.slice(0, at[index])) await write(name, event);
      }),
    );
    await using screen = openScreen('busy', env);
    await screen.opened();
    await wait(2000);
    const [before, since] = [screen.cpuMs(), performance.now()];
    screen.drawn();
    let written = 0;
    while (performance.now() - since < seconds * 1000) {
      const owed = Math.floor(((performance.now() - since) / 1000) * eventsPerS) - written;
      for (let index = 0; index < owed; index += 1) {
        const node = (written * 7) % nodes;
        const name = names[node] ?? '';
        const event = steps[at[node] ?? 0];
        at[node] = ((at[node] ?? 0) + 1) % steps.length;
        written += 1;
        if (event) await write(name, event);
      }
      await wait(20);
    }
    const wallS = (performance.now() - since) / 1000;
    const { frames, bytes } = screen.drawn();
    const cpuMs = screen.cpuMs() - before;
    return {
      firstFrameMs: median(opened),
      firstFrameCpuMs: median(cpu),
      framesPerS: frames / wallS,
      cpuPercent: cpuMs / wallS / 10,
      eventsPerS: written / wallS,
      bytesPerS: bytes / wallS,
    };
  } finally {
    redis.disconnect();
    await stopRedis({ stateDir: state });
  }
};

/** What the screen may cost, where a bare Node starts within `bareMs`. */
const AT_MOST = { firstFrameMs: 300, cpuPercent: 10, framesPerS: 10, bareMs: 40 };
const BUSY: Load = { nodes: 1000, eventsPerS: 200, seconds: 20 };

/** How long a Node takes that does nothing: what is left of it is the machine, and whatever else it does just now. */
const bareNode = (): number =>
  median(
    Array.from({ length: OPENED }, () => {
      const began = performance.now();
      spawnSync(process.execPath, ['-e', '0']);
      return performance.now() - began;
    }),
  );

/** Measures the screen and prints it. @returns what is worse than it may be */
export const benchScreen = async (folder: string): Promise<readonly string[]> => {
  const before = bareNode();
  const cost = await screenCost(folder, BUSY);
  const bareMs = Math.max(before, bareNode());
  const slower = Math.max(1, bareMs / AT_MOST.bareMs);
  const most = { ...AT_MOST, firstFrameMs: AT_MOST.firstFrameMs * slower, cpuPercent: AT_MOST.cpuPercent * slower };
  console.log(`drover watch on a terminal of 200 by 60; a bare Node starts in ${bareMs.toFixed(0)} ms`);
  console.log(
    `first frame of an ended run    ${cost.firstFrameMs.toFixed(0)} ms, CPU ${cost.firstFrameCpuMs.toFixed(0)} ms (median of ${OPENED}; at most ${most.firstFrameMs.toFixed(0)} ms)`,
  );
  console.log(
    `${BUSY.nodes} nodes, ${cost.eventsPerS.toFixed(0)} events/s     ${cost.framesPerS.toFixed(1)} frames/s, ${cost.cpuPercent.toFixed(1)} % of a core, ${(cost.bytesPerS / 1000).toFixed(1)} kB/s (at most ${most.framesPerS} frames/s, ${most.cpuPercent.toFixed(0)} %)`,
  );
  return (['firstFrameMs', 'framesPerS', 'cpuPercent'] as const).flatMap((figure) =>
    cost[figure] > most[figure] ? [`screen: ${figure} is ${cost[figure].toFixed(1)}, more than ${most[figure].toFixed(1)}`] : [],
  );
};
