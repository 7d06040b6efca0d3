import { expect } from 'vitest';
import { z } from 'zod';
import { kubectl } from './control-plane.ts';
import { helm, release } from './helm.ts';
import type { Lab } from './lab.ts';
import { say } from './log.ts';
import type { LabNode, NodeView } from './node.ts';
import { poll } from './wait.ts';

const history = z.array(z.object({ revision: z.number(), status: z.string() }));
const values = z.looseObject({ runnerToken: z.string().optional() });
const pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
      spec: z.object({ nodeName: z.string().default('') }),
      status: z.object({
        phase: z.string(),
        containerStatuses: z.array(z.object({ ready: z.boolean(), restartCount: z.number() })).default([]),
      }),
    }),
  ),
});

/** The helm release and its pods, seen by helm and kubectl. */
export type ReleaseView = {
  readonly revision: number;
  readonly status: string;
  /** A value that an upgrade must not lose. */
  readonly token: string;
  readonly pods: readonly z.infer<typeof pods>['items'][number][];
};

const readRelease = async ({ place }: Lab): Promise<ReleaseView> => {
  const json = async (args: readonly string[]): Promise<unknown> =>
    JSON.parse((await helm(place, [...args, '--namespace', release, '--output', 'json'])).stdout);
  const last = history.parse(await json(['history', release])).at(-1);
  if (!last) throw new Error('the release has no history');
  const { runnerToken } = values.parse(await json(['get', 'values', release]));
  const listed = await kubectl(place, ['get', 'pod', '--namespace', release, '-o', 'json']);
  return { ...last, token: runnerToken ?? '', pods: pods.parse(JSON.parse(listed.stdout)).items };
};

/** Waits until each pod of the release is up, `count` of them, and old ones are gone; then tells how the release stands. */
export const lookAtRelease = async (lab: Lab, count = 1): Promise<ReleaseView> => {
  const seen = await poll(`${count} pods of the release are up`, { withinMs: 120_000, everyMs: 1000 }, async () => {
    const view = await readRelease(lab);
    const up = view.pods.every(({ status }) => status.phase === 'Running' && status.containerStatuses.every(({ ready }) => ready));
    return up && view.pods.length === count ? view : undefined;
  });
  const listed = seen.pods.map(({ metadata, spec }) => `${metadata.name} on ${spec.nodeName} ${JSON.stringify(metadata.annotations)}`);
  say(
    `helm history, helm get values, kubectl get pod: revision ${seen.revision} ${seen.status}, token ${seen.token}, ${listed.join(', ')}`,
  );
  return seen;
};

/** A node and what belongs to it, from outside, at one moment. */
export type Picture = {
  readonly view: NodeView;
  readonly object: Awaited<ReturnType<LabNode['object']>>;
  readonly kernels: number;
  readonly release: ReleaseView;
};

/** Looks at everything that a run could have changed. `pods` is how many the release has. */
export const picture = async (lab: Lab, name: string, pods = 1): Promise<Picture> => {
  const node = lab.node(name);
  return { view: await node.look(), object: await node.object(), kernels: await lab.boots(name), release: await lookAtRelease(lab, pods) };
};

/** Holds a node that the runbook has migrated against how it was before: moved, one boot on, itself, in service. */
export const expectMigrated = (before: Picture, after: Picture): void => {
  const index = before.view.address.replace(/^10\.77\.0\.(\d+)\/24$/, '$1');
  expect(after.view).toMatchObject({
    address: `10.77.1.${index}/24`,
    gateway: '10.77.1.1',
    kubelet: 'active',
    vmtoolsd: 'active',
    side: 'b',
  });
  expect(after.view.modules.split(' ')).toEqual(expect.arrayContaining(['iptable_filter', 'iptable_nat']));
  expect(after.view.bootId, 'the boot id has changed').not.toBe(before.view.bootId);
  expect(after.kernels - before.kernels, 'kernels started, on the console').toBe(1);
  expect(Number(after.view.boots) - Number(before.view.boots), 'boots more in the journal').toBe(1);
  expect(after.view.machineId).toBe(before.view.machineId);
  expect(after.object).toMatchObject({ ready: 'True', internalIp: `10.77.1.${index}`, spec: { unschedulable: false } });
  expect(after.object.status.nodeInfo.bootID, 'the cluster has heard from this boot').toBe(after.view.bootId);
  expect(after.object.metadata.annotations, 'no trace of a cordon').toEqual(before.object.metadata.annotations);
  expect(after.object.metadata.uid).toBe(before.object.metadata.uid);
};

/** Holds the release after a run that migrated: one revision on, its token kept, its pods of this run and on these nodes. */
export const expectUpgraded = (before: ReleaseView, after: ReleaseView, run: string, nodes: readonly string[]): void => {
  expect(after).toMatchObject({ revision: before.revision + 1, status: 'deployed', token: before.token });
  for (const pod of after.pods) {
    expect(pod.metadata.annotations['drover.dev/run']).toBe(run);
    expect(nodes).toContain(pod.spec.nodeName);
  }
};

/** Holds that nothing has happened at all: no byte of /etc, no boot, no field of the node object, no write to it, no pod. */
export const expectUntouched = (before: Picture, after: Picture): void => {
  expect(after.view).toEqual(before.view);
  expect(after.kernels).toBe(before.kernels);
  expect(after.object).toEqual(before.object);
  expect(after.release).toEqual(before.release);
};

/** Holds that a node is back as it was, `boots` boots later: its files byte for byte, its address, in service. */
export const expectBack = (before: Picture, after: Picture, boots: number): void => {
  const { bootId: _newBoot, boots: _count, modules: _loaded, ...rest } = before.view;
  expect(after.view).toMatchObject(rest);
  expect(after.view.bootId).not.toBe(before.view.bootId);
  expect(after.kernels - before.kernels).toBe(boots);
  expect(after.object).toMatchObject({ ready: 'True', internalIp: before.object.internalIp, spec: { unschedulable: false } });
  expect(after.object.status.nodeInfo.bootID).toBe(after.view.bootId);
  expect(after.object.metadata.annotations).toEqual(before.object.metadata.annotations);
};
