import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { playScenes } from '../../src/cli/play-scenes.ts';
import { nameOf } from '../../src/sim/incidents/incident.ts';
import { incidents } from '../../src/sim/incidents/index.ts';
import { startSim } from '../../src/sim/index.ts';

/** The transcript between the marks of a page. */
const transcript = (page: string, words: string): string => {
  const [, behind = ''] = page.split(`<!-- demo: ${words} -->`);
  return behind.split('<!-- /demo -->')[0] ?? '';
};

test('there is an incident for each runbook that comes with drover, and each has a name of its own', () => {
  expect(new Set(incidents.map(({ runbook }) => runbook))).toStrictEqual(new Set(runbooks.map(({ name }) => name)));
  expect(new Set(incidents.map(nameOf)).size).toBe(incidents.length);
});

describe.each(incidents.map((one) => ({ ...one, name: nameOf(one) })))(
  '$name',
  ({ name, nodes, prepare, byHand, look, failure, refused }) => {
    test('fails by hand on the simulated fleet as it did in the report', async () => {
      await using sim = await startSim({ nodes, speed: 600 });
      prepare?.(sim);
      let seen = '';
      await playScenes(sim, byHand, () => undefined);
      await playScenes(sim, look, (text) => (seen += text));
      expect(seen).toMatch(failure);
    });

    test('has a page with both transcripts: the failure by hand, and none with drover', () => {
      const page = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
      expect(transcript(page, `${name} --by-hand`)).toMatch(failure);
      if (refused) {
        expect(transcript(page, name)).toMatch(refused);
        return;
      }
      const [, seen] = transcript(page, name).split(/\nrun \w+: .* succeeded.*\n/);
      expect(seen).toContain('# ');
      expect(seen).not.toMatch(failure);
    });
  },
);
