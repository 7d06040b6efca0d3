import { once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';

const notice = z.looseObject({
  kind: z.string(),
  of: z.string(),
  run: z.string(),
  node: z.string().nullable(),
  step: z.string().nullable(),
  reminder: z.number(),
  command: z.string().nullable(),
  text: z.string(),
});

/** What a webhook was told, as it came. */
export type HookServer = AsyncDisposable & {
  /** With a token in it, as chat programs have it. */
  readonly url: string;
  readonly got: readonly z.infer<typeof notice>[];
  /** How many were not answered, and have not gone. */
  hanging(): number;
  /** The status that is answered from now on; null: none, the connection hangs. */
  answer(status: number | null): void;
};

/** The token in the address of a webhook: nobody but the webhook may ever see it. */
export const TOKEN = 'T0KEN-nobody-may-see';

/** A webhook on loopback. */
export const hookServer = async (): Promise<HookServer> => {
  const got: z.infer<typeof notice>[] = [];
  let status: number | null = 200;
  let hanging = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      got.push(notice.parse(JSON.parse(body)));
      hanging += 1;
      response.on('close', () => (hanging -= 1));
      if (status !== null) response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/services/${TOKEN}`,
    got,
    hanging: () => hanging,
    answer: (next) => {
      status = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
