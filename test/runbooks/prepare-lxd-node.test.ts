import { describe, expect, test } from 'vitest';
import prepareLxdNode from '../../runbooks/prepare-lxd-node.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { lxdContainer } from '../../src/sim/incidents/prepare-lxd-node.ts';
import { bookWorld } from './book-world.ts';

const SUCCEEDED = { kind: 'finished', outcome: 'succeeded' };
const RC_LOCAL = '/etc/rc.local';
const KMSG = '/etc/tmpfiles.d/kmsg.conf';
const node = { name: 'n1', addresses: ['127.77.0.11'], labels: {}, vars: {} };
const steps = (given: object = {}): readonly (Step | Disruption)[] =>
  prepareLxdNode.steps({ params: prepareLxdNode.params.parse(given), vars: prepareLxdNode.vars.parse(lxdContainer.vars), node });

describe('prepare-lxd-node', () => {
  test('makes the two files, proves them behind one restart, touches nothing the second time, and takes both back', async () => {
    const world = bookWorld(lxdContainer);
    expect(await world.run(steps())).toEqual(SUCCEEDED);
    expect(world.seen().file(RC_LOCAL)).toMatchObject({ content: '#!/bin/sh\nmount --make-shared /\n', mode: '0755' });
    expect(world.seen().file(KMSG)).toMatchObject({ content: 'L /dev/kmsg - - - - /dev/null\n', mode: '0644' });
    expect(world.seen().bootCount).toBe(2);
    expect(await world.told()).toContain('step.verified mount-shared:/');

    expect(await world.run(steps(), 'r2')).toEqual(SUCCEEDED);
    expect(world.seen().bootCount).toBe(2);

    expect(await world.takeBack(steps())).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.seen().file(RC_LOCAL), world.seen().file(KMSG), world.seen().bootCount]).toEqual([undefined, undefined, 3]);
  });

  test('is drained, cordoned and in service again where the container is a node already', async () => {
    const world = bookWorld(lxdContainer);
    expect(await world.run(steps({ joined: 'yes' }))).toEqual(SUCCEEDED);
    expect(await world.told()).toContain('step.verified drain');
    expect(world.seen()).toMatchObject({ cordoned: false, ready: true, bootCount: 2 });
  });

  test.each([
    [
      'a module of its host is missing',
      { ...lxdContainer, host: { ...lxdContainer.host, modules: ['ip_tables'] } },
      /on lxd-1, lxc config set n1 linux\.kernel_modules=/,
    ],
    [
      'its host allows too few connections',
      { ...lxdContainer, host: { ...lxdContainer.host, sysctls: {} } },
      /is 65536, not at least 131072.*on lxd-1, sysctl -w/,
    ],
    [
      'its boot script does other things',
      { ...lxdContainer, files: { [RC_LOCAL]: '#!/bin/sh\n/opt/start\n' } },
      /put the line mount --make-shared \/ in/,
    ],
    ['it is a virtual machine', {}, /is no container, but a virtual machine/],
  ])('refuses before anything is touched where %s', async (_what, options, why) => {
    const world = bookWorld(options);
    const shown = await world.preview(steps());
    expect(shown.steps.flatMap(({ forecast }) => (forecast.kind === 'refuses' ? forecast.unmet : [])).join('; ')).toMatch(why);
    expect(world.seen().commands).toEqual([]);
  });
});
