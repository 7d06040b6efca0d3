import type { ApiRequest } from '../core/action.ts';
import { type Change, type StepContext, change } from '../core/step.ts';
import { type ClusterNode, CORDON_ANNOTATION, clusterNode, nodePath } from '../facts/cluster-node.ts';

type Known = NonNullable<ClusterNode>;

/**
 * Bit and annotation in one merge patch, as a compare-and-set: the API server answers 409 when anybody changed the Node since it was read, or made a
 * new one of the same name.
 */
const patch = (node: Known, annotation: string | null, unschedulable: boolean): ApiRequest => ({
  via: 'kubernetes',
  method: 'PATCH',
  path: nodePath(node.name),
  body: {
    metadata: { uid: node.uid, resourceVersion: node.resourceVersion, annotations: { [CORDON_ANNOTATION]: annotation } },
    spec: { unschedulable },
  },
});

/** Words about a cordon of another run; none when the Node is free or this run's own. */
export const foreignCordon = (now: Known, ctx: StepContext): readonly string[] => {
  if (now.owner === null || now.owner.run === ctx.runId) return [];
  const by = now.owner.by === null ? '' : ` by ${now.owner.by}`;
  return [
    `${now.name} is cordoned by run ${now.owner.run}${by}: bring that run to its end or roll it back first (drover show ${now.owner.run})`,
  ];
};

/**
 * Keeps new pods from the node and writes down who did it and what was there before, in the annotation `drover.dev/cordon`.
 *
 * A node that a person has cordoned is marked as well and stays cordoned at the end; one that another run has cordoned is not touched.
 */
export const cordon = (): Change =>
  change<ClusterNode>({
    id: 'cordon',
    title: 'cordon',
    wish: { unschedulable: true },
    within: '1m',
    outlivesBoot: true,
    observe: (ctx) => clusterNode(ctx.node.name),
    unmet: (now, _before, ctx) => {
      if (now === null) return [`the cluster has no Node ${ctx.node.name}`];
      const foreign = foreignCordon(now, ctx);
      if (foreign.length > 0) return foreign;
      if (!now.unschedulable) return ['new pods may be scheduled to it'];
      return now.owner === null ? ['somebody else has cordoned it: that is noted, and it stays cordoned at the end'] : [];
    },
    apply: (now, ctx) => {
      if (now === null || foreignCordon(now, ctx).length > 0) return [];
      // cordoned again after somebody undid it: what was there before the run is still what it was
      const prior = now.owner === null ? { unschedulable: now.unschedulable } : now.owner.prior;
      return [patch(now, JSON.stringify({ run: ctx.runId, prior }), true)];
    },
    rollback: (before, ctx, now = before) => {
      if (before === null || now === null) return [];
      return now.owner === null || now.owner.run === ctx.runId ? [patch(now, null, before.unschedulable)] : [];
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
    observe: (ctx) => clusterNode(ctx.node.name),
    unmet: (now, _before, ctx) => {
      if (now === null) return [];
      const foreign = foreignCordon(now, ctx);
      if (foreign.length > 0 || now.owner === null) return foreign;
      return now.owner.prior.unschedulable
        ? ['is still marked as cordoned by this run; somebody had cordoned it before, so it stays cordoned']
        : ['is still cordoned by this run'];
    },
    apply: (now, ctx) => (now?.owner?.run === ctx.runId ? [patch(now, null, now.owner.prior.unschedulable)] : []),
    // the way back opens with a cordon of its own
    rollback: () => [],
  });
