import { describe, expect, test } from 'vitest';
import { type ContractNode, leftByContract, out, read, write } from './calls.ts';

const FILE = '/etc/x.conf';
/** Arms the guard for a move that nothing comes of: no gateway of it ever answers. */
const arm = (name = 'reboot'): string =>
  `drover_deadman_arm ${name} 0dead000-0000-4000-8000-000000000000 nodevice 192.0.2.11/24 - 198.51.100.11/24 - 900 90 4500 300 run ${FILE}`;

/** What every node must do with the guard of an address move. */
export const deadmanContract = (name: string, make: () => Promise<ContractNode>): void => {
  describe(`the guard on a node made of ${name}`, () => {
    const code = async (node: ContractNode, text: string, run = 'run-1'): Promise<number | undefined> =>
      (await write(node, text, { run, step: 'guard:reboot' })).done.get('guarded')?.exitCode;
    const status = async (node: ContractNode): Promise<string | undefined> => out(await read(node, 'drover_deadman_status'));
    const armed = (node: ContractNode): string => `armed run-1 reboot before ${node.bootId} no 0 armed\n`;

    test('is absent until it is armed, however often, and after it was disarmed', async () => {
      await using node = await make();
      expect(await status(node)).toBe('absent\n');
      for (let again = 0; again < 2; again += 1) {
        expect((await write(node, arm(), { step: 'guard:reboot' })).done.get('guarded')).toMatchObject({ exitCode: 0, stderr: '' });
        expect(await status(node)).toBe(armed(node));
      }
      expect(await code(node, 'drover_deadman_disarm')).toBe(0);
      expect(await status(node)).toBe('absent\n');
    });

    test('is a unit of its own, at work and there at the next boot, and nothing of it is left but copies', async () => {
      await using node = await make();
      const remains = [
        '/var/lib/drover/armed',
        '/var/lib/drover/run-1/deadman/guard',
        ...leftByContract.filter((file) => /deadman|reserve/.test(file)),
      ];
      const look = async (): Promise<readonly unknown[]> => {
        const { done } = await read(
          node,
          'systemctl is-active drover-deadman.service',
          ...remains.map((file) => `[ -e '${node.root}${file}' ]`),
        );
        return [...done.values()].map(({ stdout, exitCode }) => stdout.trim() || exitCode === 0);
      };
      await code(node, arm());
      expect(await look()).toEqual(['active', true, true, true, true, true]);
      await code(node, 'drover_deadman_disarm');
      expect(await look()).toEqual(['inactive', false, false, false, false, false]);
    });

    test('is neither confirmed before the move nor without having been armed', async () => {
      await using node = await make();
      for (const text of ['drover_deadman_confirm reboot', 'drover_deadman_disarm', 'drover_deadman_reached'])
        expect([text, await code(node, text)]).toEqual([text, 97]);
      await code(node, arm());
      expect([await code(node, 'drover_deadman_confirm reboot'), await code(node, 'drover_deadman_reached')]).toEqual([75, 0]);
      expect(await status(node)).toBe(armed(node));
      await code(node, 'drover_deadman_disarm');
    });

    test('is behind the fence as every other change', async () => {
      await using node = await make();
      await write(node, 'true', { fence: 7 });
      expect((await write(node, arm(), { fence: 6 })).refused?.why).toBe('fence');
      expect((await write(node, arm(), { fence: 7, bootId: 'other' })).refused?.why).toBe('boot');
      expect(await status(node)).toBe('absent\n');
    });

    test('belongs to one run, which is not forgotten as long as it is armed', async () => {
      await using node = await make();
      await code(node, arm());
      const other = (await write(node, arm(), { run: 'run-2' })).done.get('guarded');
      expect(other).toMatchObject({
        exitCode: 1,
        stderr:
          'drover: the guard of run run-1 is still armed here; finish that run first, or end it by hand, on the node: rm /var/lib/drover/armed\n',
      });
      expect([await code(node, 'drover_deadman_disarm', 'run-2'), await code(node, 'drover_forget run-1', 'run-2')]).toEqual([97, 1]);
      expect(await status(node)).toBe(armed(node));
      expect([await code(node, 'drover_deadman_disarm'), await code(node, 'drover_forget run-1')]).toEqual([0, 0]);
    });

    test('is ended by another run that names it, and only that one', async () => {
      await using node = await make();
      await code(node, arm());
      expect(await code(node, 'drover_deadman_disarm run-3', 'run-2')).toBe(0);
      expect(await status(node)).toBe(armed(node));
      for (let again = 0; again < 2; again += 1) expect(await code(node, 'drover_deadman_disarm run-1', 'run-2')).toBe(0);
      expect(await status(node)).toBe('absent\n');
    });

    test('is not set for a name that could lead elsewhere', async () => {
      await using node = await make();
      expect([await code(node, arm("'../x'")), await code(node, arm("''"))]).toEqual([1, 1]);
      expect(await status(node)).toBe('absent\n');
    });
  });
};
