import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sh } from '../../../src/core/command.ts';
import { ConnectionError } from '../../../src/core/error.ts';
import { eventually } from '../../eventually.ts';
import { text } from './shell.ts';
import { channelTo, hasSshd, keygen, makeHome, publicKey, startSshd, target, trust, within } from './sshd.ts';

const fingerprint = (file: string): string =>
  execFileSync('ssh-keygen', ['-lf', `${file}.pub`])
    .toString()
    .split(' ')[1] ?? '';
const refused = async (promise: Promise<unknown>): Promise<ConnectionError> => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ConnectionError)) throw new Error(`expected a ConnectionError, got ${String(error)}`);
  return error;
};
const logging = (root: string): string =>
  `ForceCommand printf '%%s\\n' "$SSH_ORIGINAL_COMMAND" >>${root}/commands; exec sh -c "$SSH_ORIGINAL_COMMAND"`.replace('%%', '%');

// Real sshd(8) on 127.0.0.1; CI runs as root.
describe.runIf(hasSshd)('whom the ssh channel trusts', () => {
  test('refuses an unknown host key, shows its fingerprint and the line to add, and works once the line is there', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    await using channel = channelTo(home, { port: sshd.port });
    const error = await refused(channel.hello(target(), within()));
    const line = `node-1,[127.0.0.1]:${sshd.port} ${sshd.hostKey}`;
    expect(error).toMatchObject({ reason: 'host-key', transient: false, attempts: [{ address: '127.0.0.1', reason: 'host-key' }] });
    expect(error.message).toBe(
      `cannot reach node-1: 127.0.0.1: its host key is not known: it offered ssh-ed25519 ${fingerprint(sshd.keyFile)}; ` +
        `if that is what ssh-keygen -lf tells on the machine itself, add this line to ${home.knownHosts}: ${line}`,
    );
    expect(sshd.log()).not.toContain('Accepted');
    appendFileSync(home.knownHosts, `${line}\n`);
    expect((await channel.hello(target(), within())).identity.hostKey).toBe(fingerprint(sshd.keyFile));
  });

  test('refuses a changed host key and names the line to remove', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    keygen(join(home.path, 'old'));
    appendFileSync(home.knownHosts, '# a comment\n');
    trust(home, 'node-1', publicKey(join(home.path, 'old')));
    await using channel = channelTo(home, { port: sshd.port });
    const error = await refused(channel.hello(target(), within()));
    expect(error.reason).toBe('host-key');
    expect(error.message).toContain(
      `its host key has changed: it offered ssh-ed25519 ${fingerprint(sshd.keyFile)}, but known is ` +
        `${home.knownHosts}:2 (ssh-ed25519 ${fingerprint(join(home.path, 'old'))}); if the machine was installed anew, remove ${home.knownHosts}:2`,
    );
  });

  test('the key under the name of the node decides, whatever stands under its address', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    keygen(join(home.path, 'other'));
    trust(home, 'node-1', publicKey(join(home.path, 'other')));
    trust(home, `[127.0.0.1]:${sshd.port}`, sshd.hostKey);
    await using channel = channelTo(home, { port: sshd.port });
    expect((await refused(channel.hello(target(), within()))).reason).toBe('host-key');
    await channel.hello(target({ name: 'unnamed' }), within());
  });

  test('finds hashed entries, as ssh-keygen -H writes them, for a name and for an address with a port', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    for (const name of ['node-1', `[127.0.0.1]:${sshd.port}`]) {
      trust(home, name, sshd.hostKey);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', home.knownHosts], { stdio: 'ignore' });
      rmSync(`${home.knownHosts}.old`);
      expect(text(home.knownHosts)).toMatch(/^\|1\|/);
      await using channel = channelTo(home, { port: sshd.port });
      await channel.hello(target({ name: name === 'node-1' ? name : 'other' }), within());
      writeFileSync(home.knownHosts, '');
    }
  });

  test('asks the server for the type of key that is known', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home, { config: 'HostKeyAlgorithms ssh-ed25519,rsa-sha2-512,rsa-sha2-256' });
    await using rsa = await startSshd(home, { keyType: 'rsa', config: `HostKey ${sshd.keyFile}` });
    trust(home, 'node-1', rsa.hostKey);
    await using channel = channelTo(home, { port: rsa.port });
    expect((await channel.hello(target(), within())).identity.hostKey).toBe(fingerprint(rsa.keyFile));
  });

  test('a pinned key is enough at an address that is not in known_hosts, of whatever type it is, and another key never is', async () => {
    using home = makeHome();
    await using first = await startSshd(home);
    await using both = await startSshd(home, { keyType: 'ecdsa', config: `HostKey ${first.keyFile}` });
    trust(home, 'node-1', both.hostKey);
    await using channel = channelTo(home, { port: both.port });
    const { identity } = await channel.hello(target(), within());
    channel.drop();
    writeFileSync(home.knownHosts, '');
    expect((await channel.hello(target({ identity }), within())).identity).toEqual(identity);
    trust(home, 'node-1', first.hostKey);
    await using elsewhere = channelTo(home, { port: first.port });
    const error = await refused(elsewhere.hello(target({ identity }), within()));
    expect(error).toMatchObject({ reason: 'host-key' });
    expect(error.message).toContain(`node-1 showed ${identity.hostKey} at first contact: another machine answers there`);
    expect(first.log()).not.toContain('Accepted');
  });

  test('sends a machine with another machine-id nothing but the question who it is', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home, { config: logging(home.path) });
    trust(home, 'node-1', sshd.hostKey);
    await using channel = channelTo(home, { port: sshd.port });
    const { identity } = await channel.hello(target(), within());
    await channel.read([sh`true`], within());
    expect(text(join(home.path, 'commands'))).toMatch(/^id -u; cat \/etc\/machine-id .*\nsh -s\n$/);
    channel.drop();
    rmSync(join(home.path, 'commands'));
    const pinned = { ...identity, machineId: 'f'.repeat(32) };
    const error = await refused(channel.hello(target({ identity: pinned }), within()));
    expect(error).toMatchObject({ reason: 'identity', transient: false });
    expect(error.message).toContain(`another machine answers: its machine-id is ${identity.machineId}, not ${'f'.repeat(32)}`);
    expect(text(join(home.path, 'commands'))?.split('\n')).toHaveLength(2);
    expect((await refused(channel.read([sh`true`], within()))).reason).toBe('unreachable');
  });

  test('prefers the reason that matters: another machine at one address says more than silence at the other', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    await using channel = channelTo(home, { port: sshd.port });
    const error = await refused(channel.hello(target({ addresses: ['127.0.0.77', '127.0.0.1'] }), within()));
    expect(error.attempts.map(({ address, reason }) => [address, reason])).toEqual([
      ['127.0.0.77', 'unreachable'],
      ['127.0.0.1', 'host-key'],
    ]);
    expect(error.reason).toBe('host-key');
  });

  test('says which keys it tried when none is let in, and that an encrypted key belongs into the agent', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    trust(home, 'node-1', sshd.hostKey);
    const ssh = join(home.path, 'other-home/.ssh');
    execFileSync('mkdir', ['-p', ssh]);
    keygen(join(ssh, 'id_ed25519'));
    keygen(join(ssh, 'id_rsa'), 'rsa', 'a passphrase');
    const other = { ...home, path: join(home.path, 'other-home') };
    await using channel = channelTo(other, { port: sshd.port, knownHosts: home.knownHosts });
    const error = await refused(channel.hello(target(), within()));
    expect(error).toMatchObject({ reason: 'authentication', transient: false });
    expect(error.message).toContain(
      `tried ${join(ssh, 'id_ed25519')}; ${join(ssh, 'id_rsa')} is encrypted (add it to the agent: ssh-add ${join(ssh, 'id_rsa')}); no agent`,
    );
    await using named = channelTo(other, { port: sshd.port, knownHosts: home.knownHosts, identityFile: '~/.ssh/id_none' });
    expect((await refused(named.hello(target(), within()))).message).toContain(
      `there was no key to try; ${join(ssh, 'id_none')} cannot be read (ENOENT)`,
    );
  });

  test('goes through jump hosts, checks their host keys too, and shares one connection to them', async () => {
    using home = makeHome();
    await using node = await startSshd(home);
    await using bastion = await startSshd(home);
    await using outer = await startSshd(home);
    trust(home, 'node-1,node-2', node.hostKey);
    writeFileSync(
      join(home.ssh, 'config'),
      `Host inner\n  HostName 127.0.0.1\n  Port ${bastion.port}\nHost outer\n  HostName 127.0.0.1\n  Port ${outer.port}\n`,
    );
    const more = { port: node.port, jump: 'outer,inner' };
    await using channel = channelTo(home, more);
    const error = await refused(channel.hello(target(), within()));
    expect(error).toMatchObject({ reason: 'host-key', message: expect.stringContaining('jump host outer: its host key is not known') });
    trust(home, 'outer', outer.hostKey);
    expect((await refused(channel.hello(target(), within()))).message).toContain('jump host inner: its host key is not known');
    trust(home, 'inner', bastion.hostKey);
    await using second = channelTo(home, more);
    await Promise.all([channel.hello(target(), within()), second.hello(target({ name: 'node-2' }), within())]);
    expect((await channel.read([sh`echo through`], within()))[0]?.stdout).toBe('through\n');
    expect(bastion.log().match(/Accepted publickey/g)).toHaveLength(1);
    expect(node.log().match(/Accepted publickey/g)).toHaveLength(2);
    channel.drop();
    expect((await second.read([sh`echo still`], within()))[0]?.stdout).toBe('still\n');
    second.drop();
    await eventually('the jump hosts are left', () => /Disconnected from user|Connection closed|disconnected by user/.test(outer.log()));
  });

  test('logs in through the agent', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    trust(home, 'node-1', sshd.hostKey);
    const out = execFileSync('ssh-agent', ['-s']).toString();
    const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(out)?.[1] ?? '';
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(out)?.[1]);
    try {
      execFileSync('ssh-add', ['-q', join(home.ssh, 'id_ed25519')], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      rmSync(join(home.ssh, 'id_ed25519'));
      writeFileSync(join(home.ssh, 'config'), `Host node-*\n  Port ${sshd.port}\n  IdentityAgent ${socket}\n`);
      await using channel = channelTo(home, {});
      await channel.hello(target(), within());
      expect(sshd.log()).toContain('Accepted publickey');
    } finally {
      process.kill(pid);
    }
  });
});
