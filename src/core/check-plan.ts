import type { Finding } from './finding.ts';
import { type Plan, type PlanItem, tryLayOut } from './plan.ts';
import type { Disruption, Step } from './step.ts';

type Item = { readonly item: PlanItem; readonly before: readonly PlanItem[]; readonly behind: readonly PlanItem[] };
type Check = (at: Item) => string | undefined;

const boots = ({ step }: PlanItem): boolean => step.kind === 'activation' && step.boots;

/** Configured is not in effect: somebody has to look behind what makes it effective. */
const unproven: Check = ({ item: { step }, behind }) => {
  if (step.kind !== 'change' || step.proof !== undefined || (step.takesEffect ?? 'now') === 'now') return undefined;
  const [what, add] = step.takesEffect === 'boot' ? ['a boot', 'reboot()'] : ['a reload or a boot', 'reload() or reboot()'];
  const comes = behind.some((later) => (step.takesEffect === 'boot' ? boots(later) : later.step.kind === 'activation'));
  return comes
    ? `${step.id} takes effect at ${what}, and nothing shows that it has: give it a proof`
    : `${step.id} takes effect at ${what}, and none comes after it: put ${add} behind it, and give it a proof`;
};

const cordoned: Check = ({ item: { step }, behind }) =>
  step.means !== 'cordon' || behind.some((later) => later.step.means === 'uncordon')
    ? undefined
    : `${step.id} keeps pods away from the node, and nothing behind it lets them in again: close with uncordon()`;

/** After a boot the cluster believes for most of a minute what it knew before. */
const notReady: Check = ({ item: { step }, before }) => {
  const boot = before.findLastIndex(boots);
  if (step.means !== 'uncordon' || boot < 0) return undefined;
  return before.slice(boot).some((earlier) => earlier.step.means === 'ready')
    ? undefined
    : `${step.id} lets pods in behind ${before[boot]?.step.id ?? 'a boot'}, and nothing asks in between whether the cluster sees the node Ready: put nodeReady() before it`;
};

const afterProof: Check = ({ item: { step, role }, before, behind }) => {
  const ofTheNode = step.kind === 'change' && step.means === undefined && step.asks === undefined;
  const proof = before.findLast(({ proves }) => proves !== undefined);
  if (!ofTheNode || (role !== 'inner' && role !== 'plain') || !proof || behind.some(({ proves }) => proves !== undefined)) return undefined;
  return `${step.id} changes the node behind the last proof, ${proof.step.id}, so that what was proven may hold no longer: put it before the boot`;
};

const unbounded: Check = ({ item: { step } }) =>
  step.asks === true && step.within === undefined
    ? `${step.id} may ask a person, and says nothing of how long that may take: give it a within (24h counts without one)`
    : undefined;

const checks = [
  ['unproven', unproven],
  ['cordoned', cordoned],
  ['not-ready', notReady],
  ['after-proof', afterProof],
  ['unbounded', unbounded],
] as const;

/** What about a plan will hurt one day: findings in the order of its steps. */
export const checkPlan = ({ items }: Plan): readonly Finding[] =>
  items.flatMap((item, index) => {
    const at = { item, before: items.slice(0, index), behind: items.slice(index + 1) };
    return checks.flatMap(([rule, check]): Finding[] => {
      const message = check(at);
      return message === undefined ? [] : [{ rule, step: item.step.id, message }];
    });
  });

/** The same for steps that may not even be a plan: what keeps them from being one comes first. */
export const checkSteps = (parts: readonly (Step | Disruption)[]): readonly Finding[] => {
  const { plan, refused } = tryLayOut(parts);
  return [...refused, ...checkPlan(plan)];
};
