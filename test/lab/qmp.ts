import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const message = z.union([
  z.object({ event: z.string() }),
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }) }),
  z.object({ QMP: z.unknown() }),
]);

/** An open connection to a machine's monitor. The protocol is QEMU's QMP: one JSON object a line, one answer a command. */
export type Qmp = AsyncDisposable & { execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> };

/** Connects to a monitor's unix socket; a monitor takes one connection at a time. */
export const connectQmp = async (file: string): Promise<Qmp> => {
  const socket = connect(file);
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const fail = (why: string): void => {
    for (const call of waiting.splice(0)) call.reject(new Error(`the monitor ${file} ${why}`));
  };
  const answer = (): Promise<unknown> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const greeting = answer();
  socket.once('error', (error) => fail(`failed: ${error.message}`));
  socket.once('close', () => fail('hung up'));
  createInterface(socket)
    .on('error', () => undefined) // told by the socket
    .on('line', (line) => {
      const seen = message.parse(JSON.parse(line));
      if ('event' in seen) return; // RESET and the like: firmware resets more often than a person would count
      const call = waiting.shift();
      if ('error' in seen) call?.reject(new Error(`the monitor ${file} refused: ${seen.error.desc}`));
      else call?.resolve('return' in seen ? seen.return : null);
    });
  const execute = (command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    socket.write(`${JSON.stringify({ execute: command, arguments: parameters })}\n`);
    return answer();
  };
  await greeting;
  await execute('qmp_capabilities');
  return {
    execute,
    [Symbol.asyncDispose]: async () => {
      socket.removeAllListeners('close');
      socket.destroy();
    },
  };
};
