import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { claim, type ContractNode, nextNonce, out, read, stop, write } from './calls.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What every node must do with drover's scripts, whatever it is made of. `make` gives a node that drover has never seen. */
export const nodeContract = (name: string, make: () => Promise<ContractNode>): void => {
  describe(`a node made of ${name}`, () => {
    test('runs reads in order, each with its own exit code and both streams', async () => {
      await using node = await make();
      const results = await read(node, 'printf "one\\n"; false', 'echo two >&2', 'printf three', 'no-such-program-anywhere');
      expect(results.done.get('0')).toMatchObject({ exitCode: 1, stdout: 'one\n', stderr: '' });
      expect(results.done.get('1')).toMatchObject({ exitCode: 0, stdout: '', stderr: 'two\n' });
      expect(results.done.get('2')).toMatchObject({ exitCode: 0, stdout: 'three' });
      expect(results.done.get('3')).toMatchObject({ exitCode: 127 });
    });

    test('keeps an exit in a text to that text', async () => {
      await using node = await make();
      const results = await read(node, 'exit 7', 'echo on');
      expect(results.done.get('0')?.exitCode).toBe(7);
      expect(out(results, '1')).toBe('on\n');
    });

    test('gives quotes, dollars and line ends through as they are', async () => {
      await using node = await make();
      const results = await read(node, `printf '%s|' 'it'\\''s' "a  b" '$HOME' 'x\ny'`, `cat ${node.root}/etc/machine-id`);
      expect(out(results, '0')).toBe("it's|a  b|$HOME|x\ny|");
      expect(out(results, '1')).toBe(`${node.machineId}\n`);
    });

    test('runs a command whose fence is equal or higher, with its input, and stores fence and intent before it', async () => {
      await using node = await make();
      const state = `${node.root}/var/lib/drover`;
      for (const fence of [3, 3, 7]) {
        const results = await write(node, `cat; cat ${state}/fence ${state}/intent; exit 5`, { fence, stdin: 'in\n' });
        const [, stored, intent] = out(results, 'guarded')?.split('\n') ?? [];
        expect(results.done.get('guarded')?.exitCode).toBe(5);
        expect(stored).toBe(String(fence));
        expect(intent).toMatch(new RegExp(`^fence=${fence} run=run-1 step=step-1 attempt=1 boot=${node.bootId} at=\\d+$`));
      }
    });

    test('refuses a lower fence: neither the command runs nor the reads behind it', async () => {
      await using node = await make();
      await write(node, 'true', { fence: 7 });
      const results = await write(node, `drover_write ${'/etc/ran.conf'} 0644 root:root`, { fence: 6, reads: ['echo read'] });
      expect(results.refused).toEqual({ kind: 'refused', why: 'fence', detail: '7' });
      expect(results.begun.size + results.done.size).toBe(0);
      expect(out(await read(node, 'drover_file /etc/ran.conf'))).toBe('absent\n');
    });

    test('is claimed by a higher fence without running anything, and keeps what was intended', async () => {
      await using node = await make();
      await write(node, 'true', { fence: 4, step: 'step-7' });
      expect((await claim(node, { fence: 3 })).refused).toMatchObject({ why: 'fence', detail: '4' });
      expect((await claim(node, { fence: 9, bootId: 'other' })).refused).toMatchObject({ why: 'boot' });
      expect((await claim(node, { fence: 9, machineId: 'other' })).refused).toMatchObject({ why: 'machine' });
      expect((await claim(node, { fence: 9, step: 'claim' })).done.get('guarded')?.exitCode).toBe(0);
      expect((await write(node, 'echo late', { fence: 8 })).refused).toMatchObject({ why: 'fence', detail: '9' });
      expect(out(await read(node, `cat ${node.root}/var/lib/drover/intent`))).toMatch(/^fence=4 run=run-1 step=step-7 /);
    });

    test('refuses another machine and another boot, and does not raise the fence for them', async () => {
      await using node = await make();
      const machineId = node.machineId.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
      const bootId = node.bootId.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
      expect((await write(node, 'true', { fence: 5, machineId })).refused).toMatchObject({ why: 'machine', detail: node.machineId });
      expect((await write(node, 'true', { fence: 5, bootId })).refused).toMatchObject({ why: 'boot', detail: node.bootId });
      expect((await write(node, 'true', { fence: 1 })).done.get('guarded')?.exitCode).toBe(0);
    });

    test('runs reads behind a command in the same exec, even when the command failed', async () => {
      await using node = await make();
      const results = await write(node, 'false', { reads: ['echo one', 'echo two'] });
      expect(results.done.get('guarded')?.exitCode).toBe(1);
      expect([out(results, '0'), out(results, '1')]).toEqual(['one\n', 'two\n']);
    });

    test('never starts a command that its sender has given up', async () => {
      await using node = await make();
      const nonce = nextNonce();
      await write(node, 'true');
      expect((await stop(node, nonce)).done.get('stop')?.exitCode).toBe(0);
      expect((await write(node, 'true', { nonce })).refused).toMatchObject({ kind: 'refused', why: 'lock' });
    });

    test('writes a file whole, with mode and owner, and makes its folders', async () => {
      await using node = await make();
      const path = '/etc/deep/er/x.conf';
      expect((await write(node, `drover_write ${path} 0640 root:root`, { stdin: 'iptable_nat\n' })).done.get('guarded')).toMatchObject({
        exitCode: 0,
        stderr: '',
      });
      const seen = await read(node, `drover_file ${path}`, `cat ${node.root}${path}`, 'drover_file /etc', 'drover_file /etc/none');
      expect(out(seen, '0')).toMatch(new RegExp(`^file 0640 root root ${sha256('iptable_nat\n')} \\S+\n$`));
      expect(out(seen, '1')).toBe('iptable_nat\n');
      expect(out(seen, '2')).toBe('other directory\n');
      expect(out(seen, '3')).toBe('absent\n');
    });

    test('puts back what was there before the run, however often it was written since', async () => {
      await using node = await make();
      const path = '/etc/x.conf';
      await write(node, `drover_write ${path} 0600 root:root`, { run: 'earlier', stdin: 'old\n' });
      const before = out(await read(node, `drover_file ${path}`));
      for (const stdin of ['new\n', 'newer\n']) await write(node, `drover_write ${path} 0644 root:root`, { stdin });
      expect(out(await write(node, 'drover_snapshots'), 'guarded')).toBe(`${path} file ${sha256('old\n')}\n`);
      for (let again = 0; again < 2; again++) expect((await write(node, `drover_restore ${path}`)).done.get('guarded')?.exitCode).toBe(0);
      expect(out(await read(node, `drover_file ${path}`))).toBe(before);
    });

    test('removes a file again that was absent before the run', async () => {
      await using node = await make();
      await write(node, 'drover_write /etc/x.conf 0644 root:root', { stdin: 'new\n' });
      await write(node, 'drover_restore /etc/x.conf');
      expect(out(await read(node, 'drover_file /etc/x.conf'))).toBe('absent\n');
    });

    test('ends with 97 when the run keeps no copy, also once it was forgotten', async () => {
      await using node = await make();
      const restore = async (): Promise<number | undefined> =>
        (await write(node, 'drover_restore /etc/x.conf')).done.get('guarded')?.exitCode;
      expect(await restore()).toBe(97);
      await write(node, 'drover_snapshot /etc/x.conf');
      expect(await restore()).toBe(0);
      await write(node, 'drover_forget run-1');
      expect(await restore()).toBe(97);
    });

    test('keeps its fence when a run is forgotten, and takes no state file for a run', async () => {
      await using node = await make();
      await write(node, 'true', { fence: 4 });
      for (const name of ['fence', '..', 'intent', ''])
        expect((await write(node, `drover_forget '${name}'`, { fence: 4 })).done.get('guarded')?.exitCode).toBe(1);
      expect((await write(node, 'true', { fence: 3 })).refused?.why).toBe('fence');
    });
  });
};
