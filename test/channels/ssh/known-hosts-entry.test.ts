import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Login, appendKnownHosts, entryFor, isKnownAt } from '../../../src/channels/ssh/known-hosts-entry.ts';
import { text } from './shell.ts';
import { type Home, channelTo, hasSshd, keygen, makeHome, publicKey, startSshd, target, trust, within } from './sshd.ts';

const loginOf = (home: Home, port: number): Login => ({
  settings: { user: null, port, jump: null, identityFile: null, knownHosts: null },
  home: home.path,
  agent: undefined,
});
/** Logs in by the ssh program, as it stands in known_hosts and not otherwise. */
const byHand = (home: Home, port: number): string => {
  const options = [`UserKnownHostsFile=${home.knownHosts}`, 'GlobalKnownHostsFile=/dev/null', 'StrictHostKeyChecking=yes', 'BatchMode=yes'];
  return execFileSync(
    'ssh',
    [
      '-F',
      'none',
      '-n',
      '-p',
      String(port),
      '-i',
      join(home.ssh, 'id_ed25519'),
      ...options.flatMap((one) => ['-o', one]),
      '127.0.0.1',
      'echo in',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  ).toString();
};

describe.runIf(hasSshd)('the line for known_hosts', () => {
  test('is the key of a checked connection under the address where the node answers, is written once, and ssh takes it', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    trust(home, 'node-1', sshd.hostKey);
    await using channel = channelTo(home, { port: sshd.port });
    const { identity } = await channel.hello(target(), within());
    writeFileSync(join(home.ssh, 'config'), 'Host *\n  HashKnownHosts no\n');
    const login = loginOf(home, sshd.port);
    expect(() => byHand(home, sshd.port)).toThrow(/Host key verification failed/);
    expect(await isKnownAt(login, 'node-1', '127.0.0.1', identity.hostKey)).toBe(false);

    const entry = await entryFor(target({ identity }), login, within());
    const line = `[127.0.0.1]:${sshd.port} ${sshd.hostKey}`;
    expect(entry).toEqual({ node: 'node-1', address: '127.0.0.1', line, stored: line, file: home.knownHosts, others: [] });
    // the last line of the file has no end, as an editor may leave it
    writeFileSync(home.knownHosts, text(home.knownHosts)?.trimEnd() ?? '');
    await appendKnownHosts(home.knownHosts, [line]);
    expect(text(home.knownHosts)).toBe(`node-1 ${sshd.hostKey}\n${line}\n`);
    expect(byHand(home, sshd.port)).toBe('in\n');

    expect(await entryFor(target({ identity }), login, within())).toMatchObject({ line: null });
    expect(await isKnownAt(login, 'node-1', '127.0.0.1', identity.hostKey)).toBe(true);
    expect(await isKnownAt(login, 'node-1', '127.0.0.1', 'SHA256:other')).toBe(false);
  });

  test('is never that of another machine', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    const identity = { hostKey: `SHA256:${'x'.repeat(43)}`, machineId: 'f'.repeat(32), productUuid: null };
    await expect(entryFor(target({ identity }), loginOf(home, sshd.port), within())).rejects.toMatchObject({ reason: 'host-key' });
    await expect(entryFor(target(), loginOf(home, sshd.port), within())).rejects.toMatchObject({ reason: 'host-key' });
    trust(home, 'node-1', sshd.hostKey);
    await using channel = channelTo(home, { port: sshd.port });
    const pinned = { ...(await channel.hello(target(), within())).identity, machineId: 'f'.repeat(32) };
    await expect(entryFor(target({ identity: pinned }), loginOf(home, sshd.port), within())).rejects.toMatchObject({ reason: 'identity' });
  });

  test('is hashed where ssh_config says so, names the keys that another machine had there, and goes where ssh_config says', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    trust(home, 'node-1', sshd.hostKey);
    keygen(join(home.path, 'old'));
    trust(home, `[127.0.0.1]:${sshd.port}`, publicKey(join(home.path, 'old')));
    writeFileSync(join(home.ssh, 'config'), 'Host *\n  HashKnownHosts yes\n');
    const login = loginOf(home, sshd.port);
    const entry = await entryFor(target(), login, within());
    expect(entry.line).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
    expect(entry).toMatchObject({ stored: expect.stringMatching(/^\|1\|\S+\|\S+ ssh-ed25519 \S+$/), others: [`${home.knownHosts}:2`] });
    await appendKnownHosts(home.knownHosts, [entry.stored ?? '']);
    expect(execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', home.knownHosts]).toString()).toContain(sshd.hostKey);
    expect(byHand(home, sshd.port)).toBe('in\n');
    expect(await entryFor(target(), login, within())).toMatchObject({ line: null });

    const elsewhere = join(home.path, 'keys/known');
    appendFileSync(join(home.ssh, 'config'), `  UserKnownHostsFile ${elsewhere} ${home.knownHosts}\n`);
    rmSync(home.knownHosts);
    trust(home, 'node-1', sshd.hostKey);
    const other = await entryFor(target(), login, within());
    expect(other.file).toBe(elsewhere);
    await appendKnownHosts(elsewhere, [other.stored ?? '']);
    expect([statSync(elsewhere).mode & 0o777, statSync(join(home.path, 'keys')).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await entryFor(target(), login, within())).toMatchObject({ line: null });
  });

  test('goes nowhere where ssh keeps none', async () => {
    using home = makeHome();
    await using sshd = await startSshd(home);
    trust(home, 'node-1', sshd.hostKey);
    const login = { ...loginOf(home, sshd.port), settings: { ...loginOf(home, sshd.port).settings, knownHosts: '/dev/null' } };
    await using channel = channelTo(home, { port: sshd.port });
    const { identity } = await channel.hello(target(), within());
    expect(await entryFor(target({ identity }), login, within())).toMatchObject({ file: null });
    expect(await isKnownAt(login, 'node-1', '127.0.0.1', identity.hostKey)).toBe(true);
  });
});
