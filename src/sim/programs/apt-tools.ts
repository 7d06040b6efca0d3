import { offersOf } from '../node/packages.ts';
import { type Program, options, unknown } from './program.ts';

const DOCKER = 'https://download.docker.com/linux/debian bookworm/stable';
const DEBIAN = 'http://deb.debian.org/debian bookworm/main';

/** apt-cache(8): `madison NAME…`, newest first; a package of which nobody knows prints nothing. */
export const aptCache: Program = (call) => {
  const [verb, ...names] = call.args;
  if (verb !== 'madison') return unknown(call, 'apt-cache');
  for (const name of names)
    for (const { arch, version } of offersOf(call.machine.packages, name).toReversed())
      call.out(`${name.padStart(10)} | ${version.padStart(10)} | ${name.endsWith('.io') ? DOCKER : DEBIAN} ${arch} Packages\n`);
  return 0;
};

/** apt-mark(8): `hold`, `unhold` and `showhold`. */
export const aptMark: Program = (call) => {
  const { rest } = options(call.args);
  const [verb, ...names] = rest;
  const { held } = call.machine.packages;
  if (verb === 'showhold') call.out([...held].map((name) => `${name}\n`).join(''));
  else if (verb === 'hold' || verb === 'unhold') {
    for (const name of names) {
      if (verb === 'hold') held.add(name);
      else held.delete(name);
      call.out(verb === 'hold' ? `${name} set on hold.\n` : `Canceled hold on ${name}.\n`);
    }
  } else return unknown(call, 'apt-mark');
  return 0;
};
