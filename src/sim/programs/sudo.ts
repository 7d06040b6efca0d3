import { quote } from '../../core/command.ts';
import { type Program, unknown } from './program.ts';

/** sudo(8) with -n: root for those who may, a refusal for the others. */
export const sudo: Program = (call) => {
  const [flag, ...words] = call.args;
  if (flag !== '-n') return unknown(call, 'sudo');
  if (call.user !== 'root' && call.machine.users.get(call.user)?.sudo !== true) {
    call.err('sudo: a password is required\n');
    return 1;
  }
  return call.run(words.map(quote).join(' '), { user: 'root' });
};
