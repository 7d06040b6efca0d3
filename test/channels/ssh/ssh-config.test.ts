import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDestination, readSshConfig } from '../../../src/channels/ssh/ssh-config.ts';
import { makeRoot } from './shell.ts';

const none = { user: null, port: null, jump: null, identityFile: null, knownHosts: null };
const withConfig = (text: string, files: Record<string, string> = {}) => {
  const root = makeRoot();
  mkdirSync(join(root.path, '.ssh/conf.d'), { recursive: true });
  writeFileSync(join(root.path, '.ssh/config'), text);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root.path, '.ssh', name), content);
  const config = readSshConfig({ home: root.path, agent: '/agent', system: join(root.path, '.ssh/system') });
  return { home: root.path, config, [Symbol.dispose]: () => root[Symbol.dispose]() };
};

describe('ssh_config', () => {
  test('has the defaults of OpenSSH without any file', () => {
    using made = withConfig('');
    expect(made.config.resolve(['node-1', '10.0.0.5'], none)).toEqual({
      user: userInfo().username,
      host: '10.0.0.5',
      port: 22,
      identityFiles: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(made.home, '.ssh', name)),
      identityAsked: false,
      agent: '/agent',
      jumps: [],
      knownHosts: [join(made.home, '.ssh/known_hosts'), join(made.home, '.ssh/known_hosts2'), '/etc/ssh/ssh_known_hosts'],
      hashKnownHosts: false,
    });
  });

  test('reads what is under the name of the node, then under its address; settings win over both', () => {
    using made = withConfig(
      'Host node-*\n  user ops\n  IdentityFile ~/.ssh/a\n  IdentityFile "%d/.ssh/b c"\n  HostName 10.9.9.9\nHost 10.*\n  User wrong\n  Port 2200\n  ProxyJump me@bastion:2022, inner\n  UserKnownHostsFile ~/x /y\n  HashKnownHosts yes',
    );
    expect(made.config.resolve(['node-1', '10.0.0.5'], none)).toMatchObject({
      user: 'ops',
      host: '10.0.0.5',
      port: 2200,
      identityFiles: [join(made.home, '.ssh/a'), join(made.home, '.ssh/b c')],
      identityAsked: true,
      jumps: ['me@bastion:2022', 'inner'],
      knownHosts: [join(made.home, 'x'), '/y', '/etc/ssh/ssh_known_hosts'],
      hashKnownHosts: true,
    });
    const all = { user: 'u', port: 1, jump: 'none', identityFile: '~/k', knownHosts: '/kh' };
    expect(made.config.resolve(['node-1', '10.0.0.5'], all)).toMatchObject({
      user: 'u',
      port: 1,
      jumps: [],
      identityFiles: [join(made.home, 'k')],
      knownHosts: ['/kh', '/etc/ssh/ssh_known_hosts'],
    });
  });

  test('follows HostName for what is dialled, and the first value counts', () => {
    using made = withConfig('Host web\n  HostName %h.example.org\n  Port 1\nHost *\n  Port 2\n  IdentityAgent none', {
      system: 'User from-system\nPort 3\n',
    });
    expect(made.config.resolve(['web'], none)).toMatchObject({ host: 'web.example.org', port: 1, user: 'from-system', agent: undefined });
    expect(made.config.resolve(['x'], none, 'other')).toMatchObject({ port: 2, user: 'from-system' });
  });

  test('includes files by glob, and goes on in the block that held the Include', () => {
    using made = withConfig('Include conf.d/*.conf ~/.ssh/more\nHost in\n  Include inside\n  Port 5\n', {
      'conf.d/a.conf': 'Host a\n  User from-a\n',
      'conf.d/b.txt': 'Host a\n  Port 9\n',
      more: 'Host m\n  Include conf.d/a.conf\n  Port 7\n',
      inside: 'Host other\n  Port 6\n',
      loop: 'Include loop\n',
    });
    expect(made.config.resolve(['a'], none)).toMatchObject({ user: 'from-a', port: 22 });
    expect(made.config.resolve(['m'], none).port).toBe(7);
    expect(made.config.resolve(['in'], none).port).toBe(5);
    expect(made.config.resolve(['other'], none).port).toBe(6);
  });

  test('survives a file that includes itself', () => {
    using made = withConfig('Include config\nPort 8\n');
    expect(made.config.resolve(['x'], none).port).toBe(8);
  });

  test('runs no program for Match exec', () => {
    using made = withConfig('Match exec "true"\n  Port 9\n');
    expect(made.config.resolve(['x'], none).port).toBe(22);
  });

  test.each([
    ['bastion', { user: null, host: 'bastion', port: null }],
    ['me@bastion:2022', { user: 'me', host: 'bastion', port: 2022 }],
    ['ssh://me@[fe80::1]:22', { user: 'me', host: 'fe80::1', port: 22 }],
  ])('reads the destination %s', (text, expected) => {
    expect(parseDestination(text)).toEqual(expected);
  });

  test('refuses what is no destination', () => {
    expect(() => parseDestination('a b:c')).toThrow('a b:c is no jump host; write [user@]host[:port]');
  });
});
