import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Cli } from '../context.ts';
import { type Drover, openDrover } from '../drover.ts';
import type { OutputFlags } from '../flags.ts';
import { startWorkers } from '../workers.ts';

/** The flags of `drover worker`. */
export type WorkerFlags = OutputFlags & { readonly concurrency?: number; readonly port?: number };

const CONCURRENCY = 10;

/** Serves /healthz (200 while Redis answers) and /metrics (BullMQ's counts, Prometheus text). */
const serve = async (drover: Drover, port: number): Promise<AsyncDisposable> => {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      if (request.url === '/healthz') {
        await drover.redis.ping();
        response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
      } else if (request.url === '/metrics') {
        const queues = await Promise.all([drover.queues.nodes(), drover.queues.runs()]);
        const texts = await Promise.all(queues.map((queue) => queue.exportPrometheusMetrics()));
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(texts.join('\n'));
      } else response.writeHead(404, { 'content-type': 'text/plain' }).end('there are /healthz and /metrics\n');
    };
    answer().catch(() => response.writeHead(503, { 'content-type': 'text/plain' }).end('Redis does not answer\n'));
  });
  server.listen(port);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/**
 * Works on runs until it is stopped; then it ends between two actions and gives the rest back.
 *
 * @throws RedisError when Redis refuses what a worker has to do
 */
export async function worker(this: Cli, flags: WorkerFlags): Promise<void> {
  const stop = this.interrupted();
  await using drover = await openDrover(this, 'worker');
  const concurrency = flags.concurrency ?? CONCURRENCY;
  const say = (line: string): void =>
    this.stderr.write(flags.json === true ? `${JSON.stringify({ worker: line })}\n` : `drover: ${line}\n`);
  await using _server = flags.port === undefined ? undefined : await serve(drover, flags.port);
  const working = await startWorkers(drover, { concurrency, warn: say });
  say(
    `worker ${drover.station.owner} takes up to ${concurrency} nodes at once${flags.port === undefined ? '' : `, /healthz and /metrics on port ${flags.port}`}`,
  );
  try {
    if (!stop.aborted) await Promise.race([once(stop, 'abort'), working.failed]);
    say('stopping: the actions at hand end first; once more ends this at once');
  } finally {
    await working.stop();
  }
}
