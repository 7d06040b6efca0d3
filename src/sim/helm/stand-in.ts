import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../core/ports.ts';
import type { Extra } from '../kubernetes.ts';
import { isJsonObject } from '../../core/json.ts';
import { helm } from './command.ts';
import type { Releases } from './releases.ts';

const script = (node: string, url: string): string => `#!${node}
// a stand-in for helm(1): asks the simulator
const response = await fetch(${JSON.stringify(`${url}/sim/helm`)}, { method: 'POST', body: JSON.stringify({ argv: process.argv.slice(2) }) }).catch(() => undefined);
if (!response) {
  process.stderr.write('Error: Kubernetes cluster unreachable\\n');
  process.exit(1);
}
const { exitCode, stdout, stderr } = await response.json();
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
`;

/** Writes an executable \`helm\` into a folder, for PATH. */
export const writeHelm = async (folder: string, url: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'helm');
  // a file without a suffix is a module only if something says so
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  await writeFile(file, script(process.execPath, url));
  await chmod(file, 0o755);
};

/** Answers the stand-in: `POST /sim/helm` with `{"argv": […]}`. */
export const helmHttp =
  (releases: Releases, clock: Clock, helmMs: number, signal: AbortSignal): Extra =>
  async (method, url, body) => {
    if (method !== 'POST' || url !== '/sim/helm') return undefined;
    const given = isJsonObject(body) ? body['argv'] : undefined;
    const argv = Array.isArray(given) ? given.map(String) : [];
    const { waitMs, ...result } = helm(releases, argv, new Date(clock.now()).toISOString(), helmMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    return { status: 200, body: result };
  };
