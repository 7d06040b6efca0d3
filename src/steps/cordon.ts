import type { ApiRequest } from '../core/action.ts';
import type { TakeOver } from '../core/node.ts';
import { type Change, type StepContext, change } from '../core/step.ts';
import { type ClusterNode, type CordonOwner, CORDON_ANNOTATION, clusterNode, nodePath } from '../facts/cluster-node.ts';

type Known = NonNullable<ClusterNode>;

/** What the annotation is to say: whose cordon it is. */
type Mark = Omit<CordonOwner, 'by'> & { readonly by?: string };

/** A cordon in words; which call it is, nobody has to read. */
const inWords = ({ name, unschedulable: was }: Known, mark: Mark | null, unschedulable: boolean): string => {
  const what = !unschedulable ? 'uncordon' : was ? 'keep the cordon of' : 'cordon';
  return `${what} ${name}; the annotation ${CORDON_ANNOTATION} ${mark ? `names run ${mark.run}` : 'goes'}`;
};

/**
 * Bit and annotation in one merge patch, as a compare-and-set: the API server answers 409 when anybody changed the Node since it was read, or made a
 * new one of the same name.
 */
const patch = (node: Known, mark: Mark | null, unschedulable: boolean): ApiRequest => ({
  via: 'kubernetes',
  method: 'PATCH',
  path: nodePath(node.name),
  body: {
    metadata: {
      uid: node.uid,
      resourceVersion: node.resourceVersion,
      annotations: { [CORDON_ANNOTATION]: mark && JSON.stringify(mark) },
    },
    spec: { unschedulable },
  },
  says: inWords(node, mark, unschedulable),
});

/** Words about a cordon of another run; none when the Node is free, this run's own, or was given to this run. */
export const foreignCordon = (now: Known, ctx: StepContext): readonly string[] => {
  if (now.owner === null || now.owner.run === ctx.runId || now.owner.run === ctx.node.takeOver?.run) return [];
  const by = now.owner.by === null ? '' : ` by ${now.owner.by}`;
  return [
    `${now.name} is cordoned by run ${now.owner.run}${by}: bring that run to its end or roll it back first (drover show ${now.owner.run}); what an ended run left, drover adopt takes over`,
  ];
};

/** How the cordon that stands there is to be left, when a person gave exactly that one to this run; undefined when not. */
const given = (now: Known, { direction, node: { takeOver } }: StepContext): TakeOver['leaves'] | undefined => {
  const stands = now.owner !== null || now.unschedulable;
  return takeOver && direction === 'forward' && stands && takeOver.run === (now.owner?.run ?? null) ? takeOver.leaves : undefined;
};

/** The annotation of another run as it was, for the way back. */
const markOf = (before: Known, ctx: StepContext): Mark | null => {
  if (before.owner === null || before.owner.run === ctx.runId) return null;
  const { by, prior, run } = before.owner;
  return { run, ...(by !== null && { by }), prior };
};

/**
 * Keeps new pods from the node and writes down who did it and what was there before, in the annotation `drover.dev/cordon`.
 *
 * A node that a person has cordoned is marked as well and stays cordoned at the end; one that another run has cordoned is not touched. Unless a
 * person gave that cordon to this run (`drover adopt`): then it is this run's own, and is left at the end as was said then.
 */
export const cordon = (): Change =>
  change<ClusterNode>({
    id: 'cordon',
    title: 'cordon',
    wish: { unschedulable: true },
    within: '1m',
    outlivesBoot: true,
    means: 'cordon',
    observe: (ctx) => clusterNode(ctx.node.name),
    unmet: (now, _before, ctx) => {
      if (now === null) return [`the cluster has no Node ${ctx.node.name}`];
      const foreign = foreignCordon(now, ctx);
      if (foreign.length > 0) return foreign;
      if (!now.unschedulable) return ['new pods may be scheduled to it'];
      const leaves = given(now, ctx);
      if (leaves !== undefined) {
        const whose = now.owner === null ? 'not by drover' : `by run ${now.owner.run}`;
        return [
          `is cordoned, ${whose}: that is taken over, and ${leaves === 'cordoned' ? 'it stays cordoned' : 'it is uncordoned'} at the end`,
        ];
      }
      return now.owner === null ? ['somebody else has cordoned it: that is noted, and it stays cordoned at the end'] : [];
    },
    apply: (now, ctx) => {
      if (now === null || foreignCordon(now, ctx).length > 0) return [];
      const leaves = given(now, ctx);
      const found = leaves === undefined ? now.unschedulable : leaves === 'cordoned';
      // cordoned again after somebody undid it: what was there before the run is still what it was
      const prior = now.owner === null || leaves !== undefined ? { unschedulable: found } : now.owner.prior;
      return [patch(now, { run: ctx.runId, prior }, true)];
    },
    rollback: (before, ctx, now = before) => {
      if (before === null || now === null) return [];
      return now.owner === null || now.owner.run === ctx.runId ? [patch(now, markOf(before, ctx), before.unschedulable)] : [];
    },
    // whatever a person made of it since is theirs
    restored: (now, _before, ctx) => (now?.owner?.run === ctx.runId ? ['is still cordoned by this run'] : []),
  });

/** Gives back what `cordon` took, and only that: a node that was cordoned before the run stays so. */
export const uncordon = (): Change =>
  change<ClusterNode>({
    id: 'uncordon',
    title: 'uncordon',
    wish: { unschedulable: 'as before the run' },
    within: '1m',
    means: 'uncordon',
    observe: (ctx) => clusterNode(ctx.node.name),
    unmet: (now, _before, ctx) => {
      if (now === null) return [];
      const foreign = foreignCordon(now, ctx);
      if (given(now, ctx) === 'schedulable') return ['is still cordoned: that was taken over by this run'];
      if (foreign.length > 0 || now.owner === null) return foreign;
      return now.owner.prior.unschedulable
        ? ['is still marked as cordoned by this run; somebody had cordoned it before, so it stays cordoned']
        : ['is still cordoned by this run'];
    },
    apply: (now, ctx) => {
      if (now === null) return [];
      const leaves = given(now, ctx);
      if (leaves !== undefined) return [patch(now, null, leaves === 'cordoned')];
      return now.owner?.run === ctx.runId ? [patch(now, null, now.owner.prior.unschedulable)] : [];
    },
    // the way back opens with a cordon of its own
    rollback: () => [],
  });
