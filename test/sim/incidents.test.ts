import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { playScenes } from '../../src/cli/play-scenes.ts';
import { incidents } from '../../src/sim/incidents/index.ts';
import { startSim } from '../../src/sim/index.ts';

/** The transcript between the marks of a page. */
const transcript = (page: string, words: string): string => {
  const [, behind = ''] = page.split(`<!-- demo: ${words} -->`);
  return behind.split('<!-- /demo -->')[0] ?? '';
};

test('there is one incident for each runbook that comes with drover', () => {
  expect(incidents.map(({ runbook }) => runbook).toSorted()).toStrictEqual(runbooks.map(({ name }) => name).toSorted());
});

describe.each(incidents)('$runbook', ({ runbook, nodes, prepare, byHand, look, failure }) => {
  test('fails by hand on the simulated fleet as it did in the report', async () => {
    await using sim = await startSim({ nodes, speed: 600 });
    prepare?.(sim);
    let seen = '';
    await playScenes(sim, byHand, () => undefined);
    await playScenes(sim, look, (text) => (seen += text));
    expect(seen).toMatch(failure);
  });

  test('has a page with both transcripts: the failure by hand, and none with drover', () => {
    const page = readFileSync(new URL(`../../docs/${runbook}.md`, import.meta.url), 'utf8');
    expect(transcript(page, `${runbook} --by-hand`)).toMatch(failure);
    const [, seen] = transcript(page, runbook).split(/\nrun \w+: .* succeeded.*\n/);
    expect(seen).toContain('# ');
    expect(seen).not.toMatch(failure);
  });
});
