// npm run bench [-- files [N] | rollout | screen]: what drover costs beside a bare script, and how it grows with the fleet.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchFiles } from './files.ts';
import { benchRollout } from './rollout.ts';
import { benchScreen } from './screen.ts';

/** How many nodes the second measurement of the files has; another number may be given. */
const MOST = 50;

const words = process.argv.slice(2);
const most = Number(words.find((word) => /^\d+$/.test(word)) ?? MOST);
const wants = (part: string): boolean => words.every((word) => /^\d+$/.test(word)) || words.includes(part);

const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal));
const parts = [
  ['files', () => benchFiles(folder, most, stop.signal)],
  ['rollout', () => benchRollout(folder, stop.signal)],
  ['screen', () => benchScreen(folder)],
] as const;

const failures: string[] = [];
try {
  for (const [name, part] of parts) {
    if (!wants(name) || stop.signal.aborted) continue;
    // one part that cannot run on this machine does not keep the others from it
    failures.push(...(await part().catch((error: unknown) => [`${name}: ${error instanceof Error ? error.message : String(error)}`])));
    console.log('');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.log(failure);
process.exitCode = stop.signal.aborted ? 130 : failures.length > 0 ? 1 : 0;
