import { expect } from 'vitest';
import type { Lab } from './lab.ts';
import type { LabNode, NodeView } from './node.ts';
import type { Picture } from './picture.ts';

/** What a move of the lab changes on disk. */
export const movedFiles = ['/etc/NetworkManager/system-connections/ens192.nmconnection', '/etc/modules-load.d/iptable_nat.conf'] as const;

const remains = [
  'ls -d /var/lib/drover/armed /var/lib/drover/*/deadman/guard /etc/.drover-reserve',
  'ls -d /etc/systemd/system/drover-deadman.service /etc/systemd/system/*/drover-deadman.service',
  "systemctl list-units --all --plain --no-legend 'drover-deadman*'",
  // the whole of its words, because the shell that asks has the name among its own
  "pgrep -fx '/bin/sh /var/lib/drover/.*'",
];

/** What the journal tells of a guard when all goes as it should. */
export const guardStory = ['guard.arming', 'guard.armed', 'guard.confirmed'];

/** Holds that nothing is left of the guard but its copies: no unit, no script, nothing armed, no process. */
export const expectGuardGone = async (node: LabNode): Promise<void> => {
  expect(await node.read(`{ ${remains.join('; ')}; } 2>/dev/null; true`), 'what is left of the guard').toBe('');
};

/** What the guard says of itself in its state file. */
export type GuardState = { readonly place: string; readonly restarted: string; readonly reverts: number; readonly why: string };

/** Reads the state of the move that the guard watches, or has watched last. */
export const guardState = async (node: LabNode, move: 'reboot' | 'undo_reboot' | 'reload_ens192' = 'reboot'): Promise<GuardState> => {
  const [place = '', , , , restarted = '', reverts = '', ...why] = (await node.read(`cat /var/lib/drover/*/deadman/${move}/state`)).split(
    ' ',
  );
  return { place, restarted, reverts: Number(reverts), why: why.join(' ') };
};

/** The files that a move changes, byte for byte, with mode and owner; or that they are absent. */
export const filesOfMove = (node: LabNode): Promise<string> =>
  node.read(
    `for file in ${movedFiles.join(' ')}; do stat -c '%n %a %u:%g %s' $file 2>/dev/null || echo "$file absent"; cat $file 2>/dev/null; done; ls -a ${movedFiles.map((file) => file.slice(0, file.lastIndexOf('/'))).join(' ')} | grep drover; true`,
  );

/** A picture as it would be some boots later, for what is to be held against what came after them. */
export const bootsLater = ({ view, kernels, ...rest }: Picture, boots: number): Picture => ({
  ...rest,
  view: { ...view, boots: String(Number(view.boots) + boots) },
  kernels: kernels + boots,
});

/** Holds that a node stands at its old address again with its old files, `boots` boots after `before`: as the guard leaves it. */
export const expectReverted = async (
  lab: Lab,
  before: { readonly view: NodeView; readonly kernels: number },
  files: string,
  boots: number,
): Promise<void> => {
  const node = lab.node('n1');
  const { address, gateway, machineId, side } = await node.look();
  expect({ address, gateway, machineId }).toEqual({
    address: before.view.address,
    gateway: before.view.gateway,
    machineId: before.view.machineId,
  });
  expect(side).toBe('a');
  expect(await filesOfMove(node), 'byte for byte').toBe(files);
  expect((await lab.boots('n1')) - before.kernels, 'kernels started, on the console').toBe(boots);
};
