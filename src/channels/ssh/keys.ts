import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import type { HostConfig } from './ssh-config.ts';

/** What a login may try, in order, and in words what was left out and why. */
export type Credentials = { readonly methods: AnyAuthMethod[]; readonly tried: readonly string[]; readonly left: readonly string[] };

type Loaded = { readonly key: ParsedKey } | { readonly problem: string } | null;

const load = async (file: string, asked: boolean): Promise<Loaded> => {
  let text: Buffer;
  try {
    text = await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    return asked ? { problem: `${file} cannot be read (${code})` } : null;
  }
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) {
    if (/encrypted/i.test(key.message)) return { problem: `${file} is encrypted (add it to the agent: ssh-add ${file})` };
    return { problem: `${file} cannot be used (${key.message})` };
  }
  return key.isPrivateKey() ? { key } : { problem: `${file} is no private key` };
};

/**
 * Reads the keys of a login (publickey, RFC 4252 section 7): key files that were asked for, then the agent, then the default files.
 *
 * ssh-agent(1) keys that are certificates or live on a FIDO token cannot be used by ssh2.
 */
export const readCredentials = async (config: HostConfig): Promise<Credentials> => {
  const username = config.user;
  const left: string[] = [];
  const tried: string[] = [];
  const methods: AnyAuthMethod[] = [];
  const files = async (): Promise<void> => {
    for (const file of config.identityFiles) {
      const loaded = await load(file, config.identityAsked);
      if (loaded === null) continue;
      if ('problem' in loaded) {
        left.push(loaded.problem);
      } else {
        tried.push(file);
        methods.push({ type: 'publickey', username, key: loaded.key });
      }
    }
  };
  const agent = (): void => {
    if (config.agent === undefined) return;
    tried.push(`the agent at ${config.agent}`);
    methods.push({ type: 'agent', username, agent: config.agent });
  };
  if (config.identityAsked) {
    await files();
    agent();
  } else {
    agent();
    await files();
  }
  if (config.agent === undefined) left.push('no agent (SSH_AUTH_SOCK is not set)');
  return { methods, tried, left };
};
