import { CancelledError, CommandError, ConnectionError } from '../../core/error.ts';
import type { SshSettings } from '../../core/event.ts';
import type { CommandResult, NodeCommand } from '../../core/command.ts';
import type { CallOptions, Guard, Hello, NodeChannel, Target, Written } from '../../core/ports.ts';
import { type Line, reach } from './connect.ts';
import { claimCall, haltCall } from './script.ts';
import { type Call, type Sent, MAX_OUTPUT_BYTES, send, stop, tell } from './send.ts';
import { resolveSecrets } from './secrets.ts';
import { readSshConfig } from './ssh-config.ts';
import { identityDiffers, sudoError } from './identity.ts';

/** What a channel needs besides the target of each hello(). Paths and variables come from the caller: nothing below the CLI reads them. */
export type SshOptions = {
  readonly settings: SshSettings;
  /** The node's name, for messages and host keys. */
  readonly name: string;
  readonly home: string;
  /** SSH_AUTH_SOCK. */
  readonly agent: string | undefined;
  /** Where secrets of the form `{env}` are looked up. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

const show = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`);

/**
 * A node over ssh (RFC 4254): one connection that is kept, at most eight commands at once on it.
 *
 * read() runs nothing when there is no connection: only hello() connects, since only it knows all addresses and the pinned identity.
 */
export const sshChannel = (options: SshOptions): NodeChannel => {
  const { name, settings } = options;
  let line: Line | null = null;
  let connecting: Promise<Hello> | null = null;
  const drop = (): void => {
    line?.client.destroy();
    line = null;
  };
  const live = (): Line => {
    if (line === null) throw new ConnectionError('unreachable', `there is no connection to ${name}; it ended, or was never made`);
    return line;
  };
  const connect = async (target: Target, call: CallOptions): Promise<Hello> => {
    const ssh = readSshConfig({ home: options.home, agent: options.agent });
    const made = await reach(target, ssh, settings, call);
    line = made;
    made.client.on('close', () => {
      if (line === made) line = null;
    });
    return made.hello;
  };
  const isPinned = (hello: Hello, { identity }: Target): boolean =>
    identity === null ||
    (identity.hostKey === hello.identity.hostKey &&
      identityDiffers(identity, hello.identity.machineId, hello.identity.productUuid) === null);

  /** Why a call ended before its results had come, as an error; nothing mutating was sent by it. */
  const broken = (at: Line, sent: Sent, what: string, call: CallOptions): Error => {
    if (call.signal.aborted) return new CancelledError(`${what} on ${name} was cancelled`);
    switch (sent.ended.kind) {
      case 'aborted':
      case 'timeout':
        return new CommandError(`${what} on ${name} did not end within ${show(call.timeoutMs)}`, {
          transient: true,
          detail: { stderr: sent.stderr() },
        });
      case 'unsent':
        return new ConnectionError('unreachable', `${what} could not be sent to ${name}: ${sent.ended.why}`);
      case 'exit': {
        const stderr = sent.stderr();
        if (!at.root && /^sudo: /m.test(stderr)) return sudoError(at.user, stderr);
        return new CommandError(
          `the shell on ${name} ended with ${sent.ended.code} before ${what} was done: ${stderr.trim().split('\n').at(-1) ?? ''}`,
          {
            detail: { exitCode: sent.ended.code, stderr },
          },
        );
      }
      case 'signal':
      case 'lost':
      case 'done':
        return new ConnectionError('unreachable', `the connection to ${name} ended before ${what} was done`);
    }
  };

  const perform = async (
    command: NodeCommand,
    guard: Guard,
    reads: readonly NodeCommand[],
    call: CallOptions,
    attach: boolean,
  ): Promise<Written> => {
    const at = live();
    const { plain, mask } = await resolveSecrets([command, ...reads], options.env ?? {});
    const [first, ...rest] = plain;
    if (!first) throw new CommandError('there is no command');
    const { machineId } = at.hello.identity;
    const request: Call = { guarded: { command: first, guard, machineId, attach }, reads: rest, mask };
    let stopped: string | null = null;
    const sent = await send(at, request, call, async (nonce) => {
      if (command.durable === true && call.signal.aborted) stopped = `it goes on on ${name}`;
      else stopped = (await stop(at, nonce)) ? `drover ended it on ${name}` : `it could not be ended: it may still run on ${name}`;
    });
    if (sent.refused) return { performed: sent.refused, reads: [] };
    if (sent.guarded) {
      const { cut, ...result } = sent.guarded;
      const note = cut
        ? `${result.stderr}\ndrover: more than ${MAX_OUTPUT_BYTES >> 20} MB of output; the rest was dropped\n`
        : result.stderr;
      return { performed: { kind: 'exited', result: { ...result, stderr: note } }, reads: sent.reads ?? [] };
    }
    const unknown = (why: string) => ({ performed: { kind: 'unknown', why } as const, reads: [] });
    switch (sent.ended.kind) {
      case 'unsent':
        throw broken(at, sent, command.masked, call);
      case 'exit':
        if (!sent.begun) throw broken(at, sent, command.masked, call);
        return unknown(`the shell on ${name} ended with ${sent.ended.code} in the middle of ${command.masked}`);
      case 'signal':
        return unknown(`the shell on ${name} was ended by SIG${sent.ended.signal.replace(/^SIG/, '')} in the middle of ${command.masked}`);
      case 'timeout':
        return {
          performed: { kind: 'unknown', why: `${command.masked} did not end within ${show(call.timeoutMs)}; ${stopped ?? ''}`, late: true },
          reads: [],
        };
      case 'aborted':
        return unknown(`${command.masked} was ${command.durable === true ? 'let go' : 'cancelled'}; ${stopped ?? ''}`);
      case 'lost':
      case 'done':
        return unknown(`the connection to ${name} ended before ${command.masked} told how it ended`);
    }
  };

  return {
    hello: async (target, call) => {
      if (line !== null && isPinned(line.hello, target)) return line.hello;
      if (connecting !== null) return connecting;
      drop();
      connecting = connect(target, call).finally(() => (connecting = null));
      return connecting;
    },
    read: async (commands: readonly NodeCommand[], call: CallOptions): Promise<readonly CommandResult[]> => {
      if (commands.length === 0) return [];
      const at = live();
      const { plain, mask } = await resolveSecrets(commands, options.env ?? {});
      const sent = await send(at, { guarded: null, reads: plain, mask }, call);
      if (sent.reads === null)
        throw broken(at, sent, commands.length === 1 ? (commands[0]?.masked ?? '') : `a look (${commands.length} commands)`, call);
      const cut = sent.reads.findIndex((result) => result.cut);
      if (cut >= 0) {
        throw new CommandError(`${commands[cut]?.masked} on ${name} printed more than ${MAX_OUTPUT_BYTES >> 20} MB; make it print less`);
      }
      return sent.reads.map(({ exitCode, stdout, stderr, durationMs }) => ({ exitCode, stdout, stderr, durationMs }));
    },
    write: (command, guard, reads, call) => perform(command, guard, reads, call, false),
    attach: (command, guard, reads, call) => perform(command, guard, reads, call, true),
    claim: async (guard, call) => tell(live(), claimCall, guard, call),
    halt: async (guard, call) => tell(live(), haltCall, guard, call),
    drop,
    [Symbol.asyncDispose]: async () => {
      await connecting?.catch(() => undefined);
      drop();
    },
  };
};
