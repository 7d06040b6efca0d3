import { connect } from 'node:net';

/** What a socket answers: it serves, it serves soon (or is frozen), or nobody is there. */
export type Probe = 'up' | 'loading' | 'down';

const PROBE_MS = 1000;

/** Sends one line to a Redis on a unix socket and gives its first answer; null when nobody listens, '' when nothing came within a second. */
const ask = (socket: string, line: string): Promise<string | null> =>
  new Promise((resolve) => {
    const connection = connect(socket);
    let connected = false;
    const end = (answer: string | null): void => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(PROBE_MS, () => end(connected ? '' : null));
    connection.on('connect', () => {
      connected = true;
      connection.write(line);
    });
    connection.on('data', (chunk) => end(chunk.toString()));
    connection.on('error', () => end(null));
    connection.on('close', () => end(null));
  });

/** Asks a Redis on a unix socket whether it serves; a second at most. */
export const probe = async (socket: string): Promise<Probe> => {
  const answer = await ask(socket, 'PING\r\n');
  if (answer === null) return 'down';
  return answer.startsWith('+PONG') ? 'up' : 'loading';
};

/** Tells a Redis to write what it has and end; it does not answer, its socket closes. */
export const shutDown = async (socket: string): Promise<void> => {
  await ask(socket, 'SHUTDOWN NOSAVE\r\n');
};
