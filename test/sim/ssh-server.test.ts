import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { makeUserKey } from '../../src/sim/keys.ts';
import { type Sim, type SimOptions, startSim } from '../../src/sim/index.ts';
import { eventually } from '../eventually.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const start = async (options: Partial<SimOptions> = {}): Promise<Sim> => {
  const sim = await startSim({ nodes: 1, speed: 600, ...options });
  open.push(sim);
  return sim;
};

type Ended = { readonly code: number | null | undefined; readonly stdout: string; readonly stderr: string };

const connect = async (sim: Sim, host: string, more: Partial<ConnectConfig> = {}): Promise<Client> => {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', reject);
    client.connect({ host, port: sim.sshPort, username: 'ops', privateKey: readFileSync(sim.identityFile), readyTimeout: 5_000, ...more });
  });
  open.push({ [Symbol.asyncDispose]: async () => void client.destroy() });
  return client;
};

/** `code` stays undefined when the channel ended without an exit status. */
const exec = (client: Client, command: string, stdin = ''): Promise<Ended> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, stream) => {
      if (error) {
        reject(error);
        return;
      }
      let code: number | null | undefined;
      let [stdout, stderr] = ['', ''];
      stream.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      stream.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      stream.on('exit', (status: number | null) => (code = status));
      stream.on('close', () => resolve({ code, stdout, stderr }));
      stream.end(stdin);
    });
  });

const refused = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

const hasSsh = (() => {
  try {
    execFileSync('ssh', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('the ssh server of a simulated node', () => {
  test('runs commands with their input, both outputs and exit code', async () => {
    const client = await connect(await start(), '127.77.0.11');
    expect(await exec(client, 'id -un; cat; cat /none', 'in\n')).toEqual({
      code: 1,
      stdout: 'ops\nin\n',
      stderr: 'cat: /none: No such file or directory\n',
    });
    expect(await exec(client, 'sudo -n sh -s', 'id -un; exit 7\n')).toEqual({ code: 7, stdout: 'root\n', stderr: '' });
  });

  test('lets in nobody without the key, and no unknown user', async () => {
    const sim = await start();
    const { private: other } = makeUserKey();
    await expect(connect(sim, '127.77.0.11', { privateKey: other })).rejects.toThrow(/authentication/i);
    await expect(connect(sim, '127.77.0.11', { username: 'nobody' })).rejects.toThrow(/authentication/i);
    await expect(connect(sim, '127.77.0.11', { authHandler: ['password'], password: 'x' })).rejects.toThrow(/authentication/i);
  });

  test('opens ten sessions a connection and no more', async () => {
    const client = await connect(await start({ speed: 1 }), '127.77.0.11');
    const sleeping = Array.from({ length: 10 }, () => exec(client, 'sleep 1'));
    await expect(exec(client, 'true')).rejects.toMatchObject({ reason: 2 });
    expect((await Promise.all(sleeping)).map(({ code }) => code)).toEqual(Array(10).fill(0));
    expect((await exec(client, 'true')).code).toBe(0);
  });

  test('ends a command by a signal and leaves the connection', async () => {
    const client = await connect(await start({ speed: 1 }), '127.77.0.11');
    const signal = await new Promise<unknown>((resolve, reject) => {
      client.exec('sleep 0.2; echo never', (error, stream) => {
        if (error) reject(error);
        stream.on('data', () => reject(new Error('it ran on')));
        stream.on('exit', (...status: readonly unknown[]) => resolve(status[1]));
        stream.signal('TERM');
        stream.end();
      });
    });
    expect(signal).toBe('SIGTERM');
    expect((await exec(client, 'true')).code).toBe(0);
  });

  test('cuts its connections without an exit status when it goes down, and refuses new ones until it has booted', async () => {
    const sim = await start({ speed: 100 });
    const client = await connect(sim, '127.77.0.11');
    const before = sim.node('runner-1').bootId;
    const cut = exec(client, 'sleep 100');
    expect((await exec(client, 'sudo -n systemctl reboot')).code).toBe(0);
    expect((await cut).code).toBeUndefined();
    expect(await refused('127.77.0.11', sim.sshPort)).toBe(true);
    await eventually('the node answers again', async () => !(await refused('127.77.0.11', sim.sshPort)));
    const after = await exec(await connect(sim, '127.77.0.11'), 'cat /proc/sys/kernel/random/boot_id');
    expect(after.stdout.trim()).toBe(sim.node('runner-1').bootId);
    expect([sim.node('runner-1').bootCount, after.stdout.trim() === before]).toEqual([2, false]);
  });

  test('answers at the new address only, once it has booted there on the other network', async () => {
    const sim = await start();
    const client = await connect(sim, '127.77.0.11');
    expect((await exec(client, 'sudo -n nmcli con mod ens192 ipv4.addresses 127.77.1.11/24 ipv4.gateway 127.77.1.1')).code).toBe(0);
    expect(sim.node('runner-1').addresses).toEqual(['127.77.0.11']);
    sim.vcenter.move('runner-1', 'services');
    expect(sim.node('runner-1').addresses).toEqual([]);
    await eventually('nobody answers at the old address', () => refused('127.77.0.11', sim.sshPort));
    sim.vcenter.reset('runner-1');
    await eventually('it answers at the new address', async () => !(await refused('127.77.1.11', sim.sshPort)));
    expect(sim.node('runner-1')).toMatchObject({ addresses: ['127.77.1.11'], bootCount: 2 });
    expect(await refused('127.77.0.11', sim.sshPort)).toBe(true);
  });

  test('leaves a connection hanging, rather than ending it, when the network under it is gone', async () => {
    const sim = await start();
    const client = await connect(sim, '127.77.0.11');
    let closed = false;
    client.on('close', () => (closed = true));
    sim.vcenter.move('runner-1', 'services');
    const unanswered = exec(client, 'true').then(() => 'answered');
    const pause = new Promise((resolve) => setTimeout(resolve, 300, 'silence'));
    expect(await Promise.race([unanswered, pause])).toBe('silence');
    expect(closed).toBe(false);
  });

  test('keeps its host key over a boot, and shows another when another machine has its address', async () => {
    const sim = await start();
    const keyAt = async (): Promise<string> => {
      let key = '';
      await connect(sim, '127.77.0.11', { hostVerifier: (shown: Buffer) => ((key = shown.toString('base64')), true) });
      return key;
    };
    const reboot = async (): Promise<void> => {
      const { bootCount } = sim.node('runner-1');
      sim.vcenter.reset('runner-1');
      await eventually('it has booted', () => sim.node('runner-1').bootCount > bootCount);
      await eventually('somebody answers', async () => !(await refused('127.77.0.11', sim.sshPort)));
    };
    const own = await keyAt();
    expect(readFileSync(sim.knownHosts, 'utf8')).toContain(own);
    await reboot();
    expect(await keyAt()).toBe(own);
    sim.setFaults('runner-1', { strangerAfterBoot: 'host-key' });
    await reboot();
    expect(await keyAt()).not.toBe(own);
  });

  test('shows the same host key and another machine-id when a clone has its address', async () => {
    const sim = await start({ faults: { 'runner-1': { strangerAfterBoot: 'machine-id' } } });
    sim.vcenter.reset('runner-1');
    await eventually('it has booted', () => sim.node('runner-1').bootCount === 2);
    await eventually('somebody answers', async () => !(await refused('127.77.0.11', sim.sshPort)));
    const { stdout } = await exec(await connect(sim, '127.77.0.11'), 'cat /etc/machine-id');
    expect(stdout).toMatch(/^[0-9a-f]{32}\n$/);
    expect(stdout.trim()).not.toBe(sim.node('runner-1').machineId);
  });

  test.runIf(hasSsh)('takes the ssh program too, with the files it has written', async () => {
    const sim = await start();
    const flags = [
      '-F',
      'none',
      '-n',
      '-i',
      sim.identityFile,
      '-p',
      String(sim.sshPort),
      '-o',
      `UserKnownHostsFile=${sim.knownHosts}`,
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      'BatchMode=yes',
    ];
    const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
      execFile('ssh', [...flags, 'ops@127.77.0.11', 'hostname; exit 0'], (error, out) =>
        error ? reject(error) : resolve({ stdout: out }),
      );
    });
    expect(stdout).toBe('runner-1\n');
  });
});
