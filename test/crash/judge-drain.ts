import { layOut } from '../../src/core/plan.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { at, listAt, listObjects, textAt } from '../../src/sim/cluster/cluster.ts';
import { isFinished } from '../../src/sim/cluster/pods.ts';
import type { Fleet } from './fleet.ts';
import type { Notebook } from './notebook.ts';
import type { Scenario } from './scenario.ts';

/** The pods on a node that a drain has to take away: all but those of a DaemonSet, by the cluster's own objects. */
const toGo = ({ world }: Fleet, node: string): readonly string[] =>
  listObjects(world.cluster, 'pods').flatMap(([, pod]) =>
    textAt(pod, 'spec', 'nodeName') === node &&
    !isFinished(pod) &&
    !listAt(pod, 'metadata', 'ownerReferences').some((owner) => at(owner, 'kind') === 'DaemonSet')
      ? [textAt(pod, 'metadata', 'name')]
      : [],
  );

/**
 * Watches that no change inside the bracket begins while a pod that must go is still on the node.
 *
 * Pods only come to a node that is not cordoned: what was uncordoned by somebody after drover had last found it cordoned, and not yet noticed
 * that, is let be.
 */
export const watchDrains = (scenario: Scenario, runbook: Runbook, fleet: Fleet, book: Notebook): readonly string[] => {
  const wrong: string[] = [];
  const [node] = scenario.nodes;
  if (!scenario.recipe.drains || !node) return wrong;
  const plan = layOut(runbook.steps({ params: {}, vars: {}, node: { name: node.name, addresses: [], labels: {}, vars: {} } }));
  const inner = new Set(plan.items.filter(({ role, step }) => role === 'inner' && step.kind !== 'gate').map(({ step }) => step.id));
  const cordoned = new Map<string, number>();
  book.readers.push(({ stream, event, by }) => {
    if (!('step' in event)) return;
    if (event.step === 'cordon' && (event.type === 'step.verified' || event.type === 'step.skipped' || event.type === 'step.adopted'))
      cordoned.set(stream, event.at);
    if (event.type !== 'step.started' || !inner.has(event.step)) return;
    const [pod] = toGo(fleet, stream);
    const since = cordoned.get(stream);
    if (pod === undefined || (since !== undefined && fleet.openUntil(stream) > since)) return;
    wrong.push(`${stream}: ${by} began ${event.step} though the pod ${pod} was still there`);
  });
  return wrong;
};
