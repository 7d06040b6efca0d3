import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { movedFiles } from './guard.ts';
import type { Lab } from './lab.ts';
import type { NodeView } from './node.ts';

const runbook = `import { address, cordon, disruption, kernelModules, reboot, reload, runbook, uncordon, z } from 'drover';

export default runbook({
  name: 'move-node',
  summary: 'Moves a node to another subnet, and nothing else.',
  version: 1,
  params: z.object({ move: z.enum(['none', 'person', 'in-place']), deadman: z.string() }),
  vars: z.object({ newAddress: z.cidrv4() }),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params: { move, deadman }, vars: { newAddress } }) => [
    disruption({
      open: [cordon()],
      inner: move === 'in-place' ? [
        address({ connection: 'ens192', address: newAddress, gateway: '10.77.1.1', inPlace: true }),
        reload('ens192', { within: '10m', deadman }),
      ] : [
        kernelModules(['iptable_nat'], { file: '${movedFiles[1]}' }),
        address({ connection: 'ens192', address: newAddress, gateway: '10.77.1.1' }),
        reboot({ within: '30m', deadman, ...(move === 'person' && { by: () => 'move the VM' }) }),
      ],
      close: [uncordon()],
    }),
  ],
});
`;

/**
 * Lays a runbook beside fleet.yaml that moves a node with its guard and does nothing else, so that a case about the guard takes no longer than it must.
 *
 * @returns the words that run it on the first node
 */
export const moveNode = async ({ account }: Lab, move: 'none' | 'person' | 'in-place', deadman: string): Promise<string[]> => {
  const folder = path.join(account.folder, 'runbooks');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'move-node.ts'), runbook);
  return ['run', 'move-node', 'n1', '--set', `move=${move}`, '--set', `deadman=${deadman}`, '--yes', '--json'];
};

/** A node before it is moved, from outside. */
export type Before = { readonly view: NodeView; readonly kernels: number };

/** Looks at a node that is to be moved; its kubelet and its containers stay down, because they cost half of each boot. */
export const beforeMove = async (lab: Lab): Promise<Before> => {
  await lab.node('n1').read('systemctl disable --now --quiet kubelet containerd && sync');
  return { view: await lab.node('n1').look(), kernels: await lab.boots('n1') };
};

/** Holds that a node was moved by `move-node`: at its new address, `boots` boots on with its module, itself, not cordoned. */
export const expectMoved = async (lab: Lab, before: Before, boots: number): Promise<void> => {
  const node = lab.node('n1');
  const view = await node.look();
  expect(view).toMatchObject({ address: '10.77.1.11/24', gateway: '10.77.1.1', side: 'b', machineId: before.view.machineId });
  if (boots > 0) expect(view.modules.split(' ')).toContain('iptable_nat');
  expect((await lab.boots('n1')) - before.kernels, 'kernels started, on the console').toBe(boots);
  await expectNotCordoned(lab);
};

/** Holds that a node is where it was, with all of /etc as it was, and not cordoned. */
export const expectTakenBack = async (lab: Lab, before: Before): Promise<void> => {
  const { address, gateway, etc, side } = before.view;
  expect(await lab.node('n1').look()).toMatchObject({ address, gateway, etc, side });
  await expectNotCordoned(lab);
};

const expectNotCordoned = async (lab: Lab): Promise<void> => {
  expect((await lab.node('n1').object()).spec.unschedulable).toBe(false);
};
