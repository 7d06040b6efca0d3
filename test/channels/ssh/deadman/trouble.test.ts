import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEADMAN_TABLE, SEEN, type DeadmanSeen, decideDeadman } from '../../../../src/core/deadman-table.ts';
import { DEADMAN_FUNCTIONS, DEADMAN_SCRIPT } from '../../../../src/channels/ssh/deadman-script.ts';
import { program } from '../shell.ts';
import { NEW, OLD, arm, armWords, boot, call, change, described, live, makeBox, onDisk, place, shells } from './box.ts';

const values = {
  place: ['before', 'new', 'old'],
  boot: ['same', 'later'],
  files: ['kept', 'changed'],
  live: ['old', 'new', 'none'],
  oldGateway: ['there', 'gone'],
  newGateway: ['there', 'gone'],
  time: ['early', 'due', 'long'],
  restart: ['open', 'done'],
  other: ['unasked', 'free', 'taken'],
} as const satisfies { readonly [K in keyof DeadmanSeen]: readonly DeadmanSeen[K][] };
const all = values.place.flatMap((place) =>
  values.boot.flatMap((boots) =>
    values.files.flatMap((files) =>
      values.live.flatMap((address) =>
        values.oldGateway.flatMap((oldGateway) =>
          values.newGateway.flatMap((newGateway) =>
            values.time.flatMap((time) =>
              values.restart.flatMap((restart) =>
                values.other.map((other): DeadmanSeen => ({
                  place,
                  boot: boots,
                  files,
                  live: address,
                  oldGateway,
                  newGateway,
                  time,
                  restart,
                  other,
                })),
              ),
            ),
          ),
        ),
      ),
    ),
  ),
);

/** Runs a text behind the guard's functions. */
const sh = (shell: readonly string[], after: string): string => {
  const [name = 'sh', ...words] = shell;
  return spawnSync(name, [...words, '-s'], { input: `${DEADMAN_FUNCTIONS}\n${after}\n`, encoding: 'utf8' }).stdout;
};

describe.each(shells)('the decision under $name', ({ shell }) => {
  test('is the table of the core, whatever is seen', () => {
    const calls = all.map(
      (seen) => `deadman_decide ${SEEN.map((name) => seen[name]).join(',')}; printf '%s|%s\\n' "$deadman_do" "$deadman_why"`,
    );
    const expected = all.map((seen) => decideDeadman(seen)).map(({ deed, why }) => `${deed}|${why}`);
    expect(sh(shell, calls.join('\n')).trim().split('\n')).toEqual(expected);
    expect(expected.filter((line) => line.includes('foreseen'))).toEqual([]);
  });

  test.each([
    [
      'iputils',
      'Usage: arping [-fqbDUAV]',
      'Unicast reply from 10.77.0.1 [00:50:56:00:00:01]  0.7ms',
      'Sent 2 probes (2 broadcast(s))\nReceived 0 response(s)',
    ],
    [
      'Habets',
      'ARPing 2.23, by Thomas Habets',
      '60 bytes from 00:50:56:00:00:01 (10.77.0.1): index=0 time=4 usec',
      '2 packets transmitted, 0 packets received, 100% unanswered',
    ],
  ])('hears a gateway with the arping of %s by what it prints, and without any by the neighbour entry', (_name, help, yes, no) => {
    const tool = (answer: string): string => `arping() { if [ "$1" = -h ]; then echo '${help}'; else printf '%s\\n' '${answer}'; fi; }`;
    const ask = `deadman_bound() { shift; "$@"; }; sleep() { :; }; deadman_device=eth0; deadman_arping_kind; if deadman_heard 10.77.0.1; then echo there; else echo gone; fi`;
    expect(sh(shell, `${tool(yes)}\n${ask}`)).toBe('there\n');
    expect(sh(shell, `${tool(no)}\n${ask}`)).toBe('gone\n');
    const neighbour = (entry: string): string =>
      `ping() { return 1; }; ip() { case $* in *'neigh show'*) echo '10.77.0.1 ${entry}' ;; esac; }`;
    const none = ask.replace('deadman_arping_kind', 'deadman_arping=none');
    expect(sh(shell, `${neighbour('lladdr 00:50:56:00:00:01 REACHABLE')}\n${none}`)).toBe('there\n');
    expect(sh(shell, `${neighbour('FAILED')}\n${none}`)).toBe('gone\n');
  });
});

describe('the table', () => {
  test('has rows of nine words, and words that a script can hold in quotes', () => {
    expect(DEADMAN_TABLE.filter(({ when }) => when.length !== SEEN.length)).toEqual([]);
    expect(DEADMAN_TABLE.filter(({ why }) => !/^[a-z][a-z :,?]*$/i.test(why))).toEqual([]);
  });

  test('never reboots but once, on the boot of the arming, with the old gateway gone and the new one there', () => {
    const rebooting = all.filter((seen) => decideDeadman(seen).deed === 'restart');
    expect(rebooting.length).toBeGreaterThan(0);
    expect(
      rebooting.filter(
        ({ place: at, boot: on, files, oldGateway, newGateway, time, restart }) =>
          `${at} ${on} ${files} ${oldGateway} ${newGateway} ${restart}` !== 'before same changed gone there open' || time === 'early',
      ),
    ).toEqual([]);
  });

  test('goes nowhere before its time, nowhere that is taken or was not asked about, and leaves a node alone on which nothing is changed', () => {
    const going = all.filter((seen) => ['old', 'new'].includes(decideDeadman(seen).deed));
    expect(going.filter(({ place: at, time, other }) => at === 'before' || time === 'early' || other !== 'free')).toEqual([]);
    expect(all.filter((seen) => seen.place === 'before' && seen.files === 'kept' && decideDeadman(seen).deed !== 'wait')).toEqual([]);
  });
});

describe('the guard in trouble', () => {
  const shell = ['dash'];

  test.each([
    ['NetworkManager does not answer', 'nmcli() { return 1; }'],
    ['there is no room to put a file back', "mktemp() { echo 'No space left on device' >&2; return 1; }"],
    ['there is no room to write down what it does', 'deadman_write() { return 1; }'],
  ])('gives the device the old address itself when %s', async (_why, twist) => {
    using box = makeBox('debian', shell);
    await arm(box);
    change(box);
    const seen = boot(box, { link: [[0, OLD.gateway]], until: 80, twist: `${twist}\n` });
    expect(seen.log.map((line) => line.replace(/^\d+ /, ''))).toContain(`ip address ${OLD.address}`);
    expect(live(box).split('\n')).toContain(OLD.address);
  });

  test('goes on trying where neither NetworkManager nor the kernel brings an address up, as without the device', async () => {
    using box = makeBox('debian', shell);
    await arm(box);
    change(box);
    const twist = 'nmcli() { world_log nmcli; return 10; }; ip() { case $* in *replace*) world_log ip ;; esac; return 1; }';
    const seen = boot(box, { link: [[0]], until: 300, twist });
    expect(seen.end).toBe('over');
    expect(seen.log.filter((line) => line.endsWith(' nmcli')).length).toBeGreaterThan(3);
    boot(box, { link: [[0, OLD.gateway]], until: 80 });
    expect([onDisk(box), live(box), place(box)]).toEqual(['old', OLD.address, 'old']);
  });

  test('reverts whole as soon as there is room again', async () => {
    using box = makeBox('debian', shell);
    const before = described(box);
    await arm(box);
    change(box);
    boot(box, { link: [[0, OLD.gateway]], until: 80, twist: 'mktemp() { return 1; }' });
    boot(box, { link: [[0, OLD.gateway]], until: 80 });
    expect([described(box), live(box), place(box)]).toEqual([before, OLD.address, 'old']);
  });

  test('gives files their SELinux labels back', async () => {
    using box = makeBox('el8', shell);
    mkdirSync(join(box.root.path, 'sys/fs/selinux'), { recursive: true });
    writeFileSync(join(box.root.path, 'sys/fs/selinux/enforce'), '1');
    // a label goes with the inode, as on a file system
    const labels = join(box.root.path, 'labels');
    const tools = join(box.root.path, 'tools-selinux');
    const of = (name: string): string => `$(/usr/bin/stat -c %i "${name}")`;
    program(
      tools,
      'stat',
      `if [ "$2" = %C ]; then cat "${labels}/${of('$3')}" 2>/dev/null || echo unlabeled; else exec /usr/bin/stat "$@"; fi`,
    );
    program(tools, 'chcon', `mkdir -p '${labels}'; printf '%s\\n' "$1" >"${labels}/${of('$2')}"`);
    program(tools, 'restorecon', 'exit 0');
    program(tools, 'matchpathcon', 'exit 1');
    const path = `${tools}:${process.env['PATH'] ?? ''}`;
    const file = join(box.root.path, box.file);
    execFileSync(join(tools, 'chcon'), ['system_u:object_r:net_conf_t:s0', file]);
    const label = (): string => execFileSync(join(tools, 'stat'), ['-c', '%C', file], { encoding: 'utf8' }).trim();
    await call(box, 'true');
    const armed = await call(box, armWords(box), { PATH: `${tools}:${join(box.root.path, 'tools')}:${process.env['PATH'] ?? ''}` });
    expect(armed.done.get('guarded')).toMatchObject({ exitCode: 0, stderr: '' });
    change(box);
    execFileSync(join(tools, 'chcon'), ['system_u:object_r:tmp_t:s0', file]);
    boot(box, { link: [[0, OLD.gateway]], until: 80, twist: `PATH='${path}'` });
    expect([onDisk(box), label()]).toEqual(['old', 'system_u:object_r:net_conf_t:s0']);
  });

  test('offers no address that another machine has', async () => {
    using box = makeBox('el8', shell);
    await arm(box);
    change(box);
    const seen = boot(box, {
      link: [
        [0, OLD.gateway, '10.77.0.11'],
        [200, OLD.gateway],
      ],
      until: 300,
    });
    expect(seen.log).toEqual([expect.stringMatching(/^20\d up 10.77.0.11\/24$/)]);
  });

  test('goes by the time since the boot alone, so a clock that jumps moves nothing', () => {
    expect(DEADMAN_SCRIPT).not.toMatch(/\b(?:date|EPOCH|clock_gettime)\b/);
    expect(DEADMAN_SCRIPT).toContain('/proc/uptime');
  });

  test('does nothing after a boot before which nothing had been changed', async () => {
    using box = makeBox('el8', shell);
    const before = described(box);
    await arm(box);
    expect(boot(box, { link: [[0]], until: 400 })).toMatchObject({ end: 'over', log: [] });
    expect([described(box), place(box), live(box)]).toEqual([before, 'before', OLD.address]);
  });

  test('keeps at it over boots that it did not ask for, and returns to the place that it had chosen', async () => {
    using box = makeBox('el8', shell);
    await arm(box);
    change(box);
    boot(box, { link: [[0, OLD.gateway]], until: 80 });
    expect([place(box), live(box)]).toEqual(['old', OLD.address]);
    boot(box, { link: [[0, OLD.gateway]], until: 80 });
    expect([place(box), live(box)]).toEqual(['old', OLD.address]);
    boot(box, { link: [[0, NEW.gateway]], until: 60 });
    expect([place(box), live(box)]).toEqual(['new', NEW.address]);
  });
});
