import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isJsonObject } from '../core/json.ts';
import type { Extra } from './kubernetes.ts';

// by require and node:http, because it is started often, and modules and fetch cost twice as much as all that it does
const script = (node: string, url: string, program: string): string => `#!${node}
// a stand-in for ${program}(1): asks the simulator
const asked = require('node:http').request(${JSON.stringify(`${url}/sim/${program}`)}, { method: 'POST' }, (response) => {
  let text = '';
  response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => {
    const { exitCode, stdout, stderr } = JSON.parse(text);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = exitCode;
  });
});
asked.on('error', () => {
  process.stderr.write('${program === 'helm' ? 'Error: Kubernetes cluster unreachable' : `${program}: nobody answers`}\\n');
  process.exit(1);
});
asked.end(JSON.stringify({ argv: process.argv.slice(2) }));
`;

/** Writes an executable for each of these programs into a folder, for PATH; it asks `POST /sim/PROGRAM` with its words. */
export const writeStandIns = async (folder: string, url: string, programs: readonly string[]): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (const program of programs) {
    const file = path.join(folder, program);
    await writeFile(file, script(process.execPath, url, program));
    await chmod(file, 0o755);
  }
};

/** How a program ended, and what it printed. */
export type ProgramEnd = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Answers the stand-in of a program: `POST /sim/PROGRAM` with `{"argv": […]}`. */
export const standInHttp =
  (program: string, run: (argv: readonly string[]) => Promise<ProgramEnd> | ProgramEnd): Extra =>
  async (method, url, body) => {
    if (method !== 'POST' || url !== `/sim/${program}`) return undefined;
    const given = isJsonObject(body) ? body['argv'] : undefined;
    return { status: 200, body: await run(Array.isArray(given) ? given.map(String) : []) };
  };
