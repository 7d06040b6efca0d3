// Writes into docs/RUNBOOK.md what `drover demo RUNBOOK` prints, with and without `--by-hand`, between the marks `<!-- demo: ARGUMENTS -->` and
// `<!-- /demo -->`. Run by `npm run transcripts [-- RUNBOOK…]` after `npm run build`; each takes as long as the demo does.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nameOf } from '../src/sim/incidents/incident.ts';
import { incidents } from '../src/sim/incidents/index.ts';

const drover = fileURLToPath(new URL('../bin/drover', import.meta.url));
const LIMIT_MS = 10 * 60_000;
const END = '<!-- /demo -->';

const page = (name: string): URL => new URL(`../docs/${name}.md`, import.meta.url);

/** What the command prints, both streams as a terminal shows them; the demo sees no state and no terminal of whoever runs this. */
const printed = (words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', NO_COLOR: '1', TZ: 'UTC' };
    const child = spawn(drover, ['demo', ...words, '--plain'], { env, timeout: LIMIT_MS, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => {
      // 2: refused before anything was touched, as one of them has to be
      if (code === 0 || code === 2) resolve(text.trimEnd());
      else reject(new Error(`drover demo ${words.join(' ')} ended with ${code}:\n${text}`));
    });
  });

/** Puts a transcript between its marks. @throws Error when the page has no place for it */
const withTranscript = (text: string, words: readonly string[], transcript: string): string => {
  const mark = `<!-- demo: ${words.join(' ')} -->`;
  const [from, to] = [text.indexOf(mark), text.indexOf(END, text.indexOf(mark))];
  if (from === -1 || to === -1) throw new Error(`there is no ${mark} … ${END}`);
  return `${text.slice(0, from)}${mark}\n\n\`\`\`\n$ drover demo ${words.join(' ')}\n${transcript}\n\`\`\`\n\n${text.slice(to)}`;
};

const wanted = process.argv.slice(2);
for (const name of incidents.map(nameOf).filter((one) => wanted.length === 0 || wanted.includes(one))) {
  for (const words of [[name, '--by-hand'], [name]]) {
    const transcript = await printed(words);
    writeFileSync(page(name), withTranscript(readFileSync(page(name), 'utf8'), words, transcript));
    process.stdout.write(`docs/${name}.md: drover demo ${words.join(' ')}\n`);
  }
}
