import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program, text } from '../shell.ts';
import { type Box, NEW, OLD, arm, boot, call, armWords, change, described, live, makeBox, onDisk, place } from './box.ts';

/** The deadline: short, because the guard is at work once a second of it. */
const SHORT_MS = 5000;

/** Stand-ins that cut the power, for all of a call, before the disk operation of a number. */
const cutter = (box: Box, cut: number): NodeJS.ProcessEnv => {
  const tools = join(box.root.path, `cut-${cut}`);
  for (const name of ['mv', 'rm', 'ln', 'sync', 'systemctl'])
    program(
      tools,
      name,
      `n=$(($(cat '${tools}/n' 2>/dev/null || echo 0) + 1)); echo "$n" >'${tools}/n'
if [ "$n" = ${cut} ]; then kill -9 0; fi
${name === 'systemctl' ? 'exit 0' : `exec /bin/${name} "$@"`}`,
    );
  return { PATH: `${tools}:${join(box.root.path, 'tools')}:${process.env['PATH'] ?? ''}` };
};

/** Cuts at one number after the other, until the call gets to its end. */
const everywhere = async (at: (cut: number) => Promise<boolean>): Promise<number> => {
  let cuts = 0;
  while (await at(cuts + 1)) cuts += 1;
  return cuts;
};

test(
  'a power cut anywhere in arming leaves a node on which nothing is changed or reverted, and that can be armed',
  { timeout: 300_000 },
  async () => {
    const cuts = await everywhere(async (cut) => {
      using box = makeBox('el8', ['dash'], SHORT_MS);
      const before = described(box);
      const cutOff = (await call(box, armWords(box), cutter(box, cut))).signal === 'SIGKILL';
      boot(box, { link: [[0]], until: 12 });
      expect({ cut, files: described(box), live: live(box) }).toEqual({ cut, files: before, live: OLD.address });
      expect([cut, await arm(box), place(box)]).toEqual([cut, 0, 'before']);
      change(box);
      boot(box, { link: [[0, OLD.gateway]], until: 25 });
      expect({ cut, files: described(box), live: live(box) }).toEqual({ cut, files: before, live: OLD.address });
      return cutOff;
    });
    expect(cuts).toBeGreaterThan(20);
  },
);

test('a power cut anywhere in confirming leaves the node at the new place, and it can be confirmed', { timeout: 300_000 }, async () => {
  const confirm = 'drover_deadman_confirm reboot';
  const cuts = await everywhere(async (cut) => {
    using box = makeBox('debian', ['dash'], SHORT_MS);
    await arm(box);
    change(box);
    boot(box, { link: [[0, NEW.gateway]], until: 3 });
    const cutOff = (await call(box, confirm, cutter(box, cut))).signal === 'SIGKILL';
    boot(box, { link: [[0, NEW.gateway]], until: 8 });
    expect({ cut, disk: onDisk(box), live: live(box) }).toEqual({ cut, disk: 'new', live: NEW.address });
    expect([cut, (await call(box, confirm)).done.get('guarded')?.exitCode]).toEqual([cut, 0]);
    expect(text(join(box.root.state, 'armed'))).toBeNull();
    expect(boot(box, { link: [[0, OLD.gateway]], until: 25 }).end).toBe('ended');
    return cutOff;
  });
  expect(cuts).toBeGreaterThan(8);
});
