import type { Machine } from '../node/machine.ts';
import type { Running } from '../programs/program.ts';
import { find } from '../programs/registry.ts';
import type { Frame, Sink } from './frame.ts';
import { runText } from './run.ts';

/** A command of a login, as sshd(8) hands it to the user's shell. */
export type Login = {
  readonly user: string;
  readonly command: string;
  readonly stdin: string;
  readonly out: Sink;
  readonly err: Sink;
  now(): number;
};

/** Starts a command on a machine; whoever takes the steps lets the time pass that it yields. */
export const login = (machine: Machine, { user, command, stdin, out, err, ...clock }: Login): Running => {
  const variables = new Map([
    ['HOME', user === 'root' ? '/root' : `/home/${user}`],
    ['USER', user],
    ['PATH', '/usr/local/bin:/usr/bin:/bin'],
  ]);
  const frame: Frame = {
    machine,
    user,
    variables,
    stdin: { text: stdin },
    out,
    err,
    programs: (name, of) => find(machine, name, of),
    now: () => clock.now(),
    status: 0,
    exited: false,
  };
  return runText(command, frame);
};
