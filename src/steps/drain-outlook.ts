import { podName } from '../core/eviction.ts';
import type { Fact } from '../core/fact.ts';
import type { Outlook, StepContext } from '../core/step.ts';
import { type DrainPod, type PodsToDrain, podsToDrain } from '../facts/pods-to-drain.ts';
import { type Room, room } from '../facts/room.ts';
import { heldBy, jobWords } from './drain-filters.ts';
import { NOT_LOOKED_AT, homeless } from './find-room.ts';

type State = { readonly drain: PodsToDrain; readonly room: Room };

/** What of a drain its outlook goes by: which pods would go, and whether budgets count. */
export type Going = (now: PodsToDrain, ctx: StepContext) => { readonly going: readonly DrainPod[]; readonly waited: readonly DrainPod[] };

const list = (pods: readonly DrainPod[]): string => pods.map(podName).join(', ');

/** A line for each thing that a person may want to know before the node is cordoned; none where all is well. */
const about = (
  { drain, room: of }: State,
  going: readonly DrainPod[],
  waited: readonly DrainPod[],
  budgets: boolean,
): readonly string[] => {
  const moving = going.filter(({ ending, phase }) => ending === null && phase !== 'Succeeded' && phase !== 'Failed');
  const bare = moving.filter(({ controller, orphan }) => controller === null || orphan);
  const local = moving.filter(({ emptyDirs }) => emptyDirs.length > 0);
  const kept = budgets ? moving.flatMap((pod) => heldBy(pod, drain.budgets) ?? []) : [];
  const made = moving.filter((pod) => !bare.includes(pod));
  const nowhere = homeless(of, made.map(podName));
  return [
    ...kept,
    ...(bare.length === 0 ? [] : [`nobody makes anew: ${list(bare)}`]),
    ...(local.length === 0 ? [] : [`local data is lost: ${list(local)}`]),
    ...waited.flatMap((pod) => (pod.job === null ? [] : [`${podName(pod)} runs ${jobWords(pod.job)}: it is waited for`])),
    ...nowhere,
    ...(made.length === nowhere.length
      ? []
      : [`${nowhere.length === 0 ? 'all that move find room on other nodes' : 'the others find room'} (${NOT_LOOKED_AT})`]),
  ];
};

/** How a drain is likely to go: what blocks now and why, what is lost, and whether the other nodes have room. */
export const drainOutlook = (going: Going, options: { readonly budgets: boolean; readonly selector: string | undefined }): Outlook => {
  const outlook: Outlook<State> = {
    observe: ({ node }): Fact<State> => ({ all: { drain: podsToDrain(node.name, options.selector), room: room(node.name) } }),
    words: (state, ctx) => {
      const sorted = going(state.drain, ctx);
      return about(state, sorted.going, sorted.waited, options.budgets);
    },
  };
  return outlook;
};
