import type { Json } from '../core/json.ts';
import { field, list, text } from '../facts/api-object.ts';
import { selects } from '../facts/label-selector.ts';
import type { Demand, Room, RoomNode, Taint } from '../facts/room.ts';

const tolerates = (tolerations: readonly Json[], { effect, key, value }: Taint): boolean =>
  tolerations.some((one) => {
    const [ownKey, ownEffect] = [text(field(one, 'key')), text(field(one, 'effect'))];
    if (ownEffect !== '' && ownEffect !== effect) return false;
    if (field(one, 'operator') === 'Exists') return ownKey === '' || ownKey === key;
    return ownKey === key && text(field(one, 'value')) === value;
  });

/** Whether labels answer the expressions of a node selector term; `Gt` and `Lt` compare numbers. */
const matches = (term: Json, { labels, name }: RoomNode): boolean => {
  const expressions = list(field(term, 'matchExpressions'));
  const plain = expressions.filter((one) => !['Gt', 'Lt'].includes(text(field(one, 'operator'))));
  const numbers = expressions.filter((one) => ['Gt', 'Lt'].includes(text(field(one, 'operator'))));
  const fields = list(field(term, 'matchFields'));
  if (expressions.length === 0 && fields.length === 0) return false;
  return (
    selects({ matchExpressions: plain }, labels) &&
    selects({ matchExpressions: fields }, { 'metadata.name': name }) &&
    numbers.every((one) => {
      const [is, bound] = [Number(labels[text(field(one, 'key'))]), Number(list(field(one, 'values'))[0])];
      return text(field(one, 'operator')) === 'Gt' ? is > bound : is < bound;
    })
  );
};

/** Why a pod cannot move to a node, as a scheduler would say it; undefined when it can. */
const against = (demand: Demand, node: RoomNode): string | undefined => {
  if (node.unschedulable) return 'is cordoned';
  if (!node.ready) return 'is not Ready';
  const taint = node.taints.find((one) => !tolerates(demand.tolerations, one));
  if (taint) return `has the taint ${taint.key}`;
  const chosen = selects({ matchLabels: demand.selector }, node.labels) && (demand.terms?.some((term) => matches(term, node)) ?? true);
  if (!chosen) return 'has not the labels that it asks for';
  if (node.free.pods < 1) return 'has as many pods as it takes';
  if (node.free.cpu < demand.cpu) return 'has too little CPU left';
  return node.free.memory < demand.memory ? 'has too little memory left' : undefined;
};

const without = (node: RoomNode, { cpu, memory }: Demand): RoomNode => ({
  ...node,
  free: { cpu: node.free.cpu - cpu, memory: node.free.memory - memory, pods: node.free.pods - 1 },
});

/**
 * Tells which pods would find no other node, with the reasons by how many nodes have each.
 *
 * The greatest first, each to where most memory is left: a scheduler may do better, seldom worse. Of what a scheduler looks at, this knows requests of CPU
 * and memory, the number of pods, taints, selectors and required node affinity.
 */
export const homeless = ({ demands, nodes }: Room, pods: readonly string[]): readonly string[] => {
  let left = nodes;
  const found: string[] = [];
  const moving = demands.filter(({ pod }) => pods.includes(pod)).toSorted((a, b) => b.memory - a.memory || b.cpu - a.cpu);
  for (const demand of moving) {
    const reasons = left.map((node) => against(demand, node));
    const [best] = left.filter((_node, index) => reasons[index] === undefined).toSorted((a, b) => b.free.memory - a.free.memory);
    if (best) {
      left = left.map((node) => (node === best ? without(node, demand) : node));
      continue;
    }
    const counted = [...new Set(reasons)].map((why) => `${reasons.filter((one) => one === why).length} ${why ?? ''}`);
    found.push(`${demand.pod} finds no other node now: ${counted.length === 0 ? 'there is none' : counted.join(', ')}`);
  }
  return found;
};

/** What `homeless` does not look at, in words. */
export const NOT_LOOKED_AT = 'not looked at: affinity between pods, spreading, volumes, host ports, other resources than CPU and memory';
