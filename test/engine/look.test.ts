import { expect, it } from 'vitest';
import { type Fact, calling } from '../../src/core/fact.ts';
import { look } from '../../src/engine/look.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { meansOf } from './means.ts';
import { toyClock } from './toy.ts';

const asked = (path: string): Fact<string> =>
  calling({ via: 'kubernetes', method: 'GET', path }, ({ body }) => (typeof body === 'string' ? body : ''));

it('asks the cluster once for what several facts of a look go by, and anew in the next one', async () => {
  const clock = toyClock();
  const calls: string[] = [];
  const cluster = {
    call: ({ path }: { readonly path: string }) => {
      calls.push(path);
      return Promise.resolve({ status: 200, body: `${path} ${calls.length}` });
    },
  };
  const means = meansOf({ clock, journal: memoryJournal(clock.now), cluster });
  const facts = [asked('/pods'), { all: { again: asked('/pods'), other: asked('/sets') } }];
  const seen = await look(means, facts, { signal: new AbortController().signal, timeoutMs: 1000 });
  expect(seen.map(({ state }) => state)).toEqual(['/pods 1', { again: '/pods 1', other: '/sets 2' }]);
  await look(means, facts, { signal: new AbortController().signal, timeoutMs: 1000 });
  expect(calls).toEqual(['/pods', '/sets', '/pods', '/sets']);
});
