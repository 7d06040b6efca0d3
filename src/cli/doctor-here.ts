import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DroverError } from '../core/error.ts';
import { isJsonObject } from '../core/json.ts';
import { redisHealth } from '../queue/redis-health.ts';
import type { Channels } from '../queue/station.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { type Finding, missing, ok, warning } from './finding.ts';
import type { Fleet } from './fleet.ts';

const API_MS = 10_000;
const AGENT_MS = 2000;

/** The words of an expected error; a bug goes on its way. */
export const wordsOf = (error: unknown): string => {
  if (error instanceof DroverError) return error.message;
  throw error;
};

/** Looks at the Node that drover runs under. */
export const checkNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const says = `Node ${process.versions.node} at ${process.execPath}`;
  return major > 22 || (major === 22 && minor >= 12)
    ? ok('node', says)
    : missing('node', `${says} is older than 22.12; bin/drover brings its own`);
};

/** Looks at what Redis promises to keep. */
export const checkRedis = async (drover: Drover): Promise<readonly Finding[]> => {
  const where = drover.private ? 'the private one answers' : 'the one of REDIS_URL answers';
  return [ok('redis', where), ...(await redisHealth(drover.redis)).map((sentence) => warning('redis', sentence))];
};

const agentAnswers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = connect(socket);
    const end = (answer: boolean): void => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(AGENT_MS, () => end(false));
    connection.on('error', () => end(false));
    connection.on('connect', () => end(true));
  });

/** Looks for something to log in with: an agent, a key file. */
export const checkKeys = async (cli: Cli, fleet: Fleet | undefined): Promise<readonly Finding[]> => {
  const agent = cli.env['SSH_AUTH_SOCK'] ?? '';
  const named = fleet?.ssh.identityFile ?? null;
  const folder = join(cli.home, '.ssh');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^id_[a-z0-9]+$/.test(name)) : [];
  const found: Finding[] = [];
  if (agent !== '')
    found.push((await agentAnswers(agent)) ? ok('ssh agent', agent) : warning('ssh agent', `${agent} (SSH_AUTH_SOCK) does not answer`));
  if (named !== null)
    found.push(existsSync(named) ? ok('ssh key', named) : missing('ssh key', `${named}, named in ${fleet?.file}, is not there`));
  else if (files.length > 0) found.push(ok('ssh key', files.map((name) => join(folder, name)).join(', ')));
  if (found.some(({ level }) => level === 'ok')) return found;
  return [
    ...found,
    warning(
      'ssh key',
      'no agent and no ~/.ssh/id_*: name a key as identityFile in fleet.yaml or ~/.ssh/config, or start an agent (SSH_AUTH_SOCK)',
    ),
  ];
};

/** Looks whether what fleet.yaml says of a webhook leads to an address here; nothing is sent there. */
export const checkWebhook = async (cli: Cli, fleet: Fleet | undefined): Promise<readonly Finding[]> => {
  if (fleet?.notify === undefined) return [];
  const { webhookAddress } = await import('../channels/webhook.ts');
  const found = await webhookAddress(fleet.notify.webhook, cli.env);
  if (typeof found === 'string') return [missing('webhook', found)];
  return [ok('webhook', `there is an address, and people are reminded every ${fleet.notify.remind}; nothing was sent`)];
};

/** Asks the API who it is, and whether it knows the nodes by their names. */
export const checkCluster = async (channels: Channels, fleet: Fleet | undefined, signal: AbortSignal): Promise<readonly Finding[]> => {
  const options = { signal, timeoutMs: API_MS };
  try {
    const version = await channels.cluster.call({ via: 'kubernetes', method: 'GET', path: '/version' }, options);
    const named = isJsonObject(version.body) ? version.body['gitVersion'] : undefined;
    const answer = ok('cluster', `the API answers${typeof named === 'string' ? `: Kubernetes ${named}` : ''}`);
    const strangers: string[] = [];
    for (const { name } of fleet?.nodes ?? []) {
      const { status } = await channels.cluster.call(
        { via: 'kubernetes', method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(name)}` },
        options,
      );
      if (status === 404) strangers.push(name);
    }
    const unknown = `has no node ${strangers.join(', ')}: names in fleet.yaml must be those of kubectl get nodes`;
    return strangers.length === 0 ? [answer] : [answer, warning('cluster', unknown)];
  } catch (error) {
    return [missing('cluster', wordsOf(error))];
  }
};
