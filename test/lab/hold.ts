import type { Spawned } from './drover.ts';
import type { Lab } from './lab.ts';
import { say } from './log.ts';
import type { LabNode } from './node.ts';
import { runWithinMs } from './runs.ts';
import { consoleText } from './vm.ts';
import { poll } from './wait.ts';

/** A moment in a machine's work: a program about to do something, or just behind it. `words` is a shell pattern of all its words. */
export type Moment = { readonly program: 'mv' | 'nmcli' | 'systemctl'; readonly words: string; readonly when: 'before' | 'after' };

const said = ({ program }: Moment): string => `lab: ${program} is held`;

// The mark is written in place and synced alone, so that what the machine has not synced by then stays so.
const wrapper = (moment: Moment): string => {
  const { program, words, when } = moment;
  const [mark, real] = [`/var/lib/lab-hold.${program}`, `/usr/bin/${program}`];
  return `#!/bin/sh
read -r held <${mark} || held=1
case "$held $*" in
  ${`0 ${words}`.replaceAll(' ', '\\ ')})
    ${when === 'after' ? `${real} "$@"` : ':'}
    printf 1 | dd of=${mark} conv=notrunc,fdatasync 2>/dev/null
    echo '${said(moment)}' >/dev/ttyS0
    exec sleep 3600 ;;
esac
exec ${real} "$@"
`;
};

/**
 * Has a machine stand still at a moment, once: a wrapper in front of the program says so on the console and waits, until somebody cuts the power.
 */
export const holdAt = async (node: LabNode, moment: Moment): Promise<void> => {
  const text = Buffer.from(wrapper(moment)).toString('base64');
  const file = `/usr/local/sbin/${moment.program}`;
  await node.read(`echo 0 >/var/lib/lab-hold.${moment.program} && echo ${text} | base64 -d >${file} && chmod 755 ${file} && sync`);
};

/** Waits until a machine stands still at a moment that a drover brings it to. */
export const held = async (lab: Lab, name: string, moment: Moment, running: Spawned): Promise<void> => {
  const tooEarly = running.ended.then(({ exitCode }) => {
    throw new Error(`drover ended with ${exitCode} before ${name} came to ${moment.program} ${moment.words}`);
  });
  const seen = poll(`${name} comes to ${moment.program} ${moment.words}`, { withinMs: runWithinMs, everyMs: 50 }, async () =>
    (await consoleText(lab.place, lab.node(name).machine)).includes(said(moment)) ? true : undefined,
  );
  await Promise.race([seen, tooEarly]);
  say(`${name} is held ${moment.when} ${moment.program} ${moment.words}, says its console`);
};
