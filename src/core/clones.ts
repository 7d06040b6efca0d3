import type { Identity } from './node.ts';

/** A machine under a node's name; `elsewhere` when the node is none of the run's. */
export type Known = { readonly node: string; readonly identity: Pick<Identity, 'machineId' | 'productUuid'>; readonly elsewhere?: true };

const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

/** What keeps a run from beginning with nodes of one machine-id, and what a person can do about it. */
const wordsFor = (machineId: string, same: readonly Known[]): string => {
  const ours = same.filter(({ elsewhere }) => elsewhere !== true).map(({ node }) => node);
  const others = same.flatMap(({ node, elsewhere }) => (elsewhere === true ? [node] : []));
  const [first = '', ...rest] = ours;
  const out = (others.length > 0 ? [first, ...rest] : rest).map((name) => `--exclude ${name}`).join(' ');
  const who = listed([...ours, ...others.map((name) => `${name} (not in this run)`)]);
  const uuids = new Set(same.map(({ identity }) => identity.productUuid?.toLowerCase() ?? null));
  const [uuid] = uuids;
  const head = `${who} have the same machine-id ${machineId}`;
  return uuids.size === 1 && uuid !== null
    ? `${head} and product uuid: one machine under several names; take the wrong name out of fleet.yaml, or run with ${out}`
    : `${head}: clones, which drover cannot tell apart; on all but one say rm /etc/machine-id && systemd-machine-id-setup, restart it, then drover forget NODE --pins; or run with ${out}`;
};

/**
 * Finds nodes of a run that are one machine, or clones of one, in words; those that are known from elsewhere count where one of the run's is
 * among them.
 *
 * The machine-id decides alone: the wrapper on the node goes by it, and so do the pins. The product uuid only tells clones from one machine with two
 * names. Two machine-ids with one product uuid are no error: clones that were given a machine-id of their own may keep it, and some firmware tells
 * every machine the same.
 */
export const clonesAmong = (known: readonly Known[]): readonly string[] =>
  [...Map.groupBy(known, ({ identity }) => identity.machineId)].flatMap(([machineId, same]) =>
    same.length > 1 && same.some(({ elsewhere }) => elsewhere !== true) ? [wordsFor(machineId, same)] : [],
  );
