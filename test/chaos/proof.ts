import type { Redis } from 'ioredis';
import type { Seen } from './sim-words.ts';
import type { Grant } from './witness.ts';

/** An event as it lies in Redis: by what right it was written, and when. */
export type Written = { readonly seq: number; readonly fence: number; readonly at: number; readonly type: string };

/** The journal of a node in a run, read past drover. */
export const written = async (redis: Redis, run: string, node: string): Promise<readonly Written[]> =>
  (await redis.xrange(`drover:{${run}/${node}}:events`, '-', '+')).map(([id, fields]) => {
    const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
    const type = /"type":"([^"]+)"/.exec(field('e'))?.[1] ?? '';
    return { seq: Number(id.split('-')[0]), fence: Number(field('f')), at: Number(field('t')), type };
  });

/** What is not as the runbook wishes it, in words. */
export const notAsWished = (node: Seen): string[] =>
  [
    node.bootCount === 2 || `was booted ${node.bootCount - 1} times`,
    !node.cordoned || 'is cordoned',
    node.ready || 'is not Ready',
    node.addresses.some((address) => address.startsWith('127.77.1.')) || `answers at ${node.addresses.join(', ') || 'no address'}`,
    node.loadedModules.includes('iptable_nat') || 'has no iptable_nat',
    node.packages.includes('open-vm-tools') || 'has no open-vm-tools',
    node.kubelet === 'active' || `has a kubelet that is ${node.kubelet}`,
  ].flatMap((found) => (found === true ? [] : [`${node.name} ${String(found)}`]));

/** What a node did for somebody who had no right to it, by the simulator's own record, in words. */
export const withoutRight = (
  { name, commands }: Seen,
  run: string,
  grants: readonly Grant[],
  journal: readonly Written[],
  lastFence: number,
): string[] => {
  const wrong: string[] = [];
  let highest = 0;
  for (const { fence, at, step, run: sentFor } of commands) {
    const what = `${name}: ${step} with fence ${fence} at ${at}`;
    if (sentFor !== run) wrong.push(`${what}: sent for the run ${sentFor}`);
    if (fence < highest) wrong.push(`${what}: behind fence ${highest}`);
    highest = Math.max(highest, fence);
    const grant = grants.find((one) => one.node === name && one.fence === fence);
    // the witness is away while Redis is: what it has not seen was given out if the counter has passed it
    if (fence > lastFence) wrong.push(`${what}: nobody was ever given this fence, the last is ${lastFence}`);
    if (grant && grant.at > at + 1) wrong.push(`${what}: given out only at ${grant.at}`);
    const newer = journal.find((event) => event.fence > fence && event.at < at);
    if (newer) wrong.push(`${what}: a newer worker (fence ${newer.fence}) had written ${newer.type} at ${newer.at}`);
  }
  return wrong;
};

/** What stands in a journal that two writers would have left there. */
export const outOfOrder = (name: string, journal: readonly Written[]): string[] =>
  journal.flatMap(({ seq, fence }, index) => {
    const before = journal[index - 1];
    if (seq !== index + 1) return [`${name}: event ${index + 1} is missing`];
    return before && fence < before.fence ? [`${name}: event ${seq} has fence ${fence}, behind ${before.fence}`] : [];
  });
