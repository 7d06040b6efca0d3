import { type Program, options } from './program.ts';

/** uname(1) with -r, -m, -n, -s and -a. */
export const uname: Program = (call) => {
  const letters = [...options(call.args).flags.keys()].join('') || '-s';
  const { machine } = call;
  const words = { s: 'Linux', n: machine.name, r: machine.kernel.running, v: '#1 SMP', m: machine.arch, o: 'GNU/Linux' };
  const shown = Object.entries(words).flatMap(([letter, word]) => (letters.includes('a') || letters.includes(letter) ? [word] : []));
  call.out(`${shown.join(' ')}\n`);
  return 0;
};
