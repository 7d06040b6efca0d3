import { connect } from 'node:net';

const WITHIN_MS = 1500;

/**
 * Whether something takes connections at an address now.
 *
 * Asked from here: behind a jump host the answer is no, whoever is there.
 */
export const isAnswering = async (address: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: WITHIN_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    // refused means that a machine is there all the same
    socket.on('error', (error) => end('code' in error && error.code === 'ECONNREFUSED' && !address.startsWith('127.')));
  });
