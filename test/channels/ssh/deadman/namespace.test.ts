import { execFileSync, spawn } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../eventually.ts';
import { program, text } from '../shell.ts';
import { NEW, OLD, arm, bootOf, change, described, makeBox, place } from './box.ts';

const canUnshare = (() => {
  try {
    execFileSync('unshare', ['-n', 'ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** What NetworkManager would do with the profile on disk, by ip(8). */
const nmcli = (file: string): string => `case $* in *reload*) exit 0 ;; esac
address=$(sed -n 's/^address1=\\([^,]*\\),.*/\\1/p' '${file}')
ip -4 address flush dev ens192; ip -4 address add "$address" dev ens192; echo "$address" >>"$(dirname "$0")/up.log"`;

// Needs root to make a network namespace; CI runs as root. The kernel, its addresses and its neighbours are real here, and so is the time.
describe.runIf(canUnshare)('the script in a network namespace', () => {
  test(
    'hears which gateway is on the link, brings the old address up, and takes the new one when the VM is moved after all',
    { timeout: 60_000 },
    async () => {
      using box = makeBox('debian', ['sh'], 2000);
      const { path } = box.root;
      const before = described(box);
      expect(await arm(box)).toBe(0);
      change(box);
      box.boots += 1;
      writeFileSync(join(path, 'proc/sys/kernel/random/boot_id'), `${bootOf(box)}\n`);
      rmSync(join(path, 'proc/uptime'));
      symlinkSync('/proc/uptime', join(path, 'proc/uptime'));
      const tools = join(path, 'tools');
      program(tools, 'nmcli', nmcli(join(path, box.file)));
      // the gateway of a network stands in a namespace of its own, at the other end of the link; it becomes that of the new one when told
      const world = `ip link add ens192 type veth peer name far || exit 1
unshare -n sh -c 'until ip link set far up 2>/dev/null; do sleep 0.1; done
ip address add ${OLD.gateway}/24 dev far
until [ -e "${path}/move" ]; do sleep 0.1; done
ip address flush dev far; ip address add ${NEW.gateway}/24 dev far; exec sleep 60' &
sleep 0.3; ip link set far netns $!
ip link set ens192 up; ip address add ${NEW.address} dev ens192
exec sh '${box.root.state}/run-1/deadman/guard' run-1`;
      const running = spawn('unshare', ['-n', 'sh', '-c', world], {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, DROVER_ROOT: path, PATH: `${tools}:${process.env['PATH'] ?? ''}` },
      });
      const ups = (): string => text(join(tools, 'up.log')) ?? '';
      try {
        await eventually('the old address is up', () => ups() === `${OLD.address}\n`);
        expect([place(box), described(box)]).toEqual(['old', before]);
        writeFileSync(join(path, 'move'), '');
        await eventually('it is given up', () => place(box) === 'new');
        await eventually('the new address is up', () => ups() === `${OLD.address}\n${NEW.address}\n`);
      } finally {
        if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
      }
    },
  );
});
