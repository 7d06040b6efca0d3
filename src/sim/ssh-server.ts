import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Session } from 'ssh2';
import { gatherWrites } from '../channels/ssh/gather.ts';
import type { Clock } from '../core/ports.ts';
import { drive } from './drive.ts';
import type { Machine, Process } from './node/machine.ts';
import { login } from './shell/login.ts';

/** What a node's sshd needs from outside. */
export type SshServerOptions = {
  readonly machine: Machine;
  /** An OpenSSH private key. */
  readonly hostKey: string;
  /** The public key that may log in, in the form of authorized_keys. */
  readonly authorizedKey: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called around everything that runs. */
  turn(): void;
};

/** sshd of one machine: it takes connections that somebody else has accepted. */
export type SshServer = { serve(socket: Socket): void };

/** As MaxSessions of sshd_config(5). */
const MAX_SESSIONS = 10;

const authenticate = (context: AuthContext, options: SshServerOptions, key: ssh2.ParsedKey): void => {
  const known =
    context.method === 'publickey' &&
    options.machine.users.has(context.username) &&
    context.key.algo === key.type &&
    context.key.data.equals(key.getPublicSSH());
  if (!known) context.reject(['publickey']);
  // without a signature the client only asks whether the key would do
  else if (!context.signature || !context.blob || key.verify(context.blob, context.signature, context.hashAlgo) === true) context.accept();
  else context.reject(['publickey']);
};

/** Keeps what is written until a stretch of work is over: what comes at once travels in one packet, as through the pipes of a real sshd. */
const gathered = (target: { write(text: string): unknown; readonly writable: boolean }): { write(text: string): void; flush(): void } => {
  let waiting = '';
  return {
    write: (text) => {
      waiting += text;
    },
    flush: () => {
      if (waiting !== '' && target.writable) target.write(waiting);
      waiting = '';
    },
  };
};

const runCommand = (
  stream: ssh2.ServerChannel,
  user: string,
  command: string,
  process: Process,
  options: SshServerOptions,
  cut: () => void,
  killedBy: () => string | null,
): void => {
  const { machine, clock } = options;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => undefined);
  stream.stderr.on('error', () => undefined);
  stream.once('end', () => {
    const [out, err] = [gathered(stream), gathered(stream.stderr)];
    const step = (): void => {
      out.flush();
      err.flush();
      options.turn();
    };
    options.turn();
    const running = login(machine, {
      user,
      command,
      stdin: Buffer.concat(chunks).toString('utf8'),
      out: (text) => out.write(text),
      err: (text) => err.write(text),
      now: () => clock.now(),
    });
    void drive(running, process, clock, options.signal, step).then((code) => {
      machine.processes.delete(process);
      const status = code ?? killedBy();
      if (status === null) cut();
      else if (stream.writable) {
        if (typeof status === 'number') stream.exit(status);
        else stream.exit(status);
        stream.end();
      }
    });
  });
};

const onSession = (session: Session, user: string, options: SshServerOptions, cut: () => void): void => {
  session.on('exec', (accept, _reject, { command }) => {
    const process: Process = { ended: false };
    let killed: string | null = null;
    options.machine.processes.add(process);
    const stream = accept();
    session.on('signal', (acceptSignal, _rejectSignal, { name }) => {
      acceptSignal?.();
      killed = name;
      process.ended = true;
    });
    runCommand(stream, user, command, process, options, cut, () => killed);
  });
  session.on('env', (accept?: () => void) => accept?.());
};

/** Makes the sshd of a machine: public keys only, exec only, ten sessions a connection. */
export const createSshServer = (options: SshServerOptions): SshServer => {
  const key = ssh2.utils.parseKey(options.authorizedKey);
  if (key instanceof Error) throw key;
  // ssh2 tells of a connection only by its peer
  const sockets = new Map<string, Socket>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'drover-sim' }, (client, peer) => {
    const socket = sockets.get(`${peer.ip} ${peer.port}`);
    let user = '';
    let sessions = 0;
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      user = context.username;
      authenticate(context, options, key);
    });
    client.on('session', (accept, reject) => {
      if (sessions >= MAX_SESSIONS) {
        reject();
        return;
      }
      sessions += 1;
      const session = accept();
      session.on('close', () => (sessions -= 1));
      onSession(session, user, options, () => socket?.destroy());
    });
    client.on('request', (_accept, reject) => reject?.());
  });
  return {
    serve: (socket) => {
      socket.setNoDelay(true);
      gatherWrites(socket);
      socket.on('error', () => undefined);
      const peer = `${socket.remoteAddress} ${socket.remotePort}`;
      sockets.set(peer, socket);
      socket.once('close', () => sockets.delete(peer));
      server.injectSocket(socket);
    },
  };
};
