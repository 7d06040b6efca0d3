// Writes into docs/RUNBOOK.md what `drover demo RUNBOOK` prints, with and without `--by-hand`, between the marks `<!-- demo: ARGUMENTS -->` and
// `<!-- /demo -->`. Run by `npm run transcripts [-- RUNBOOK…]` after `npm run build`; each takes as long as the demo does.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { incidents } from '../src/sim/incidents/index.ts';

const drover = fileURLToPath(new URL('../bin/drover', import.meta.url));
const LIMIT_MS = 10 * 60_000;
const END = '<!-- /demo -->';

const page = (runbook: string): URL => new URL(`../docs/${runbook}.md`, import.meta.url);

/** What the command prints, both streams; the demo sees no state and no terminal of whoever runs this. */
const printed = async (words: readonly string[]): Promise<string> => {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', NO_COLOR: '1', TZ: 'UTC' };
  const { stdout } = await promisify(execFile)(drover, ['demo', ...words, '--plain'], { env, timeout: LIMIT_MS });
  return stdout.trimEnd();
};

/** Puts a transcript between its marks. @throws Error when the page has no place for it */
const withTranscript = (text: string, words: readonly string[], transcript: string): string => {
  const mark = `<!-- demo: ${words.join(' ')} -->`;
  const [from, to] = [text.indexOf(mark), text.indexOf(END, text.indexOf(mark))];
  if (from === -1 || to === -1) throw new Error(`there is no ${mark} … ${END}`);
  return `${text.slice(0, from)}${mark}\n\n\`\`\`\n$ drover demo ${words.join(' ')}\n${transcript}\n\`\`\`\n\n${text.slice(to)}`;
};

const wanted = process.argv.slice(2);
for (const { runbook } of incidents.filter((one) => wanted.length === 0 || wanted.includes(one.runbook))) {
  for (const words of [[runbook, '--by-hand'], [runbook]]) {
    const transcript = await printed(words);
    writeFileSync(page(runbook), withTranscript(readFileSync(page(runbook), 'utf8'), words, transcript));
    process.stdout.write(`docs/${runbook}.md: drover demo ${words.join(' ')}\n`);
  }
}
