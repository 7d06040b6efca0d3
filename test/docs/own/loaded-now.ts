import { type Change, change, reading, sh } from 'drover';

/** A module is in memory from now on; the next boot does not load it. */
export const loadedNow = (name: string): Change =>
  change<boolean>({
    id: `loaded-now:${name}`,
    title: `load ${name}`,
    wish: name,
    within: '10s',
    // how to look: a command that changes nothing, and what its answer means
    observe: () => reading(sh`lsmod`, ({ stdout }) => stdout.split('\n').some((line) => line.startsWith(`${name} `))),
    // what still differs from the wish, in words; nothing differs, nothing is done
    unmet: (loaded) => (loaded ? [] : [`${name} is not loaded`]),
    apply: () => [sh`modprobe ${name}`],
    // before is what was seen before the first action: what was there already is left alone
    rollback: (before) => (before ? [] : [sh`modprobe -r ${name}`]),
  });
