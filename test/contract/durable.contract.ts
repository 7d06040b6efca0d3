import { describe, expect, test } from 'vitest';
import { type ContractNode, claim, halt, out, read, unitName, write } from './calls.ts';

/** Prints, takes its time, prints again, and ends with 3; each begin leaves a line on the node. */
const long = (node: ContractNode): string =>
  `echo begun >>${node.root}/etc/ran.conf; echo one; echo two >&2; sleep ${node.pace}; echo three; echo four >&2; exit 3`;
/** The same without taking its time. */
const quick = (node: ContractNode): string => `echo begun >>${node.root}/etc/ran.conf; exit 3`;
const begun = async (node: ContractNode): Promise<string | undefined> => out(await read(node, `cat ${node.root}/etc/ran.conf`));
const isActive = async (node: ContractNode, unit: string): Promise<string | undefined> =>
  out(await read(node, `systemctl is-active ${unit}.service`))?.trim();

/** What every node must do with durable commands: they are units of their own there. */
export const durableContract = (name: string, make: () => Promise<ContractNode>): void => {
  describe(`durable commands on a node made of ${name}`, () => {
    test('give back output and exit code, run with input and secrets, and let the reads behind them look', async () => {
      await using node = await make();
      const text = 'cat; echo err >&2; printf "%s\\n" "$DROVER_SECRET_1"; exit 3';
      const reads = ['echo read', 'echo more'];
      const results = await write(node, text, { durable: true, stdin: 'in\n', secrets: { DROVER_SECRET_1: "it's" }, reads });
      expect(results.done.get('guarded')).toMatchObject({ exitCode: 3, stdout: "in\nit's\n", stderr: 'err\n' });
      expect([out(results, '0'), out(results, '1')]).toEqual(['read\n', 'more\n']);
    });

    test('write files as other commands do, with a copy of what was there in the folder of their run', async () => {
      await using node = await make();
      await write(node, 'drover_write /etc/x.conf 0600 root:root', { durable: true, stdin: 'new\n' });
      const seen = await write(node, 'drover_snapshots', { step: 'step-2' });
      expect(out(seen, 'guarded')).toBe('/etc/x.conf absent -\n');
    });

    test('live through a severed connection: who comes next gets all output, also what was missed, and the real exit code', async () => {
      await using node = await make();
      const cut = await write(node, long(node), { durable: true, until: 'one' });
      expect(cut.done.has('guarded')).toBe(false);
      const again = await write(node, long(node), { durable: true, attach: true, fence: 2, reads: ['echo read'] });
      expect(again.done.get('guarded')).toMatchObject({ exitCode: 3, stdout: 'one\nthree\n', stderr: 'two\nfour\n' });
      expect(out(again, '0')).toBe('read\n');
      expect(await begun(node)).toBe('begun\n');
    });

    test('are followed by the same worker as well, and told again however often it asks once they have ended', async () => {
      await using node = await make();
      await write(node, long(node), { durable: true, until: 'one' });
      for (let again = 0; again < 2; again += 1)
        expect((await write(node, long(node), { durable: true, attach: true })).done.get('guarded')).toMatchObject({
          exitCode: 3,
          stdout: 'one\nthree\n',
        });
      expect(await begun(node)).toBe('begun\n');
    });

    test('are not started twice: who starts one that runs follows it', async () => {
      await using node = await make();
      const cut = await write(node, long(node), { durable: true, until: 'one' });
      expect(cut.done.size).toBe(0);
      const again = await write(node, long(node), { durable: true, fence: 2 });
      expect(again.done.get('guarded')).toMatchObject({ exitCode: 3, stdout: 'one\nthree\n' });
      expect(await begun(node)).toBe('begun\n');
    });

    test('are not there for who asks for another attempt, another command or another step; nothing starts then', async () => {
      await using node = await make();
      await write(node, quick(node), { durable: true });
      for (const other of [{ attempt: 2 }, { step: 'step-2' }, { run: 'run-2' }])
        expect((await write(node, quick(node), { durable: true, attach: true, fence: 2, ...other })).refused).toMatchObject({
          why: 'absent',
        });
      expect((await write(node, 'true', { durable: true, attach: true, fence: 2 })).refused).toMatchObject({ why: 'absent' });
      expect(await begun(node)).toBe('begun\n');
    });

    test('refuse a lower fence, whether it starts or follows', async () => {
      await using node = await make();
      await write(node, quick(node), { durable: true, fence: 5 });
      for (const attach of [true, false])
        expect((await write(node, quick(node), { durable: true, fence: 4, attach })).refused).toMatchObject({ why: 'fence', detail: '5' });
      expect(await begun(node)).toBe('begun\n');
    });

    test('are stopped by who has a newer fence and another step, before that one runs; the same fence is refused meanwhile', async () => {
      await using node = await make();
      const text = `trap '' TERM; ${long(node)}`;
      const unit = unitName(node, text);
      await write(node, text, { durable: true, until: 'one' });
      expect(await isActive(node, unit)).toBe('active');
      expect((await write(node, 'echo other', { step: 'step-2' })).refused).toMatchObject({ why: 'lock' });
      const newer = await write(node, `systemctl is-active ${unit}.service; true`, { step: 'step-2', fence: 2 });
      expect(out(newer, 'guarded')?.trim()).toMatch(/^(inactive|unknown)$/);
      expect((await write(node, text, { durable: true, attach: true, fence: 3 })).refused).toMatchObject({ why: 'absent' });
    });

    test('are stopped by a halt, of the same fence too; one with a lower fence stops nothing', async () => {
      await using node = await make();
      const unit = unitName(node, long(node));
      await write(node, long(node), { durable: true, until: 'one', fence: 2 });
      expect((await halt(node, { fence: 1 })).refused).toMatchObject({ why: 'fence', detail: '2' });
      expect(await isActive(node, unit)).toBe('active');
      expect((await halt(node, { fence: 2 })).done.get('guarded')?.exitCode).toBe(0);
      expect(await isActive(node, unit)).toMatch(/^(inactive|unknown)$/);
      expect((await write(node, long(node), { durable: true, attach: true, fence: 2 })).refused).toMatchObject({ why: 'absent' });
      expect((await halt(node, { fence: 3 })).done.get('guarded')?.exitCode).toBe(0);
    });

    test('go on when a newer worker claims the node, which keeps the older one out and can follow them', async () => {
      await using node = await make();
      const unit = unitName(node, long(node));
      await write(node, long(node), { durable: true, until: 'one' });
      expect((await claim(node, { fence: 3, step: 'claim' })).done.get('guarded')?.exitCode).toBe(0);
      expect(await isActive(node, unit)).toBe('active');
      expect((await write(node, 'echo late', { fence: 2 })).refused).toMatchObject({ why: 'fence', detail: '3' });
      const followed = await write(node, long(node), { durable: true, attach: true, fence: 3 });
      expect(followed.done.get('guarded')).toBeDefined();
      expect(await begun(node)).toBe('begun\n');
    });

    test('leave one folder at most: what was read is removed when another command comes, and by forgetting the run', async () => {
      await using node = await make();
      const state = `${node.root}/var/lib/drover`;
      await write(node, 'echo x', { durable: true });
      expect(out(await read(node, `ls ${state}/run-1/units`))?.trim()).toBe(unitName(node, 'echo x'));
      await write(node, 'echo y', { durable: true, step: 'step-2' });
      expect(out(await read(node, `ls ${state}/run-1/units`))?.trim()).toBe(unitName(node, 'echo y', { step: 'step-2' }));
      expect((await write(node, 'drover_forget run-1', { step: 'forget' })).done.get('guarded')?.exitCode).toBe(0);
      expect(out(await read(node, `ls ${state}`))?.replace('lock\n', '')).toBe('fence\nintent\n');
    });

    test('run attached to their connection where systemd is not at work, which is said', async () => {
      await using node = await make();
      const results = await write(node, 'echo out; echo err >&2; exit 3', { durable: true, withoutSystemd: true });
      expect(results.done.get('guarded')).toMatchObject({
        exitCode: 3,
        stdout: 'out\n',
        stderr: 'drover: systemd is not at work here; the command runs attached to this connection\nerr\n',
      });
      expect((await write(node, 'echo out; echo err >&2; exit 3', { durable: true, attach: true })).refused).toMatchObject({
        why: 'absent',
      });
    });
  });
};
