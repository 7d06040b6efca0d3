import { clonesAmong } from '../core/clones.ts';
import { readFact, questions } from '../core/fact.ts';
import type { Node } from '../core/node.ts';
import type { Hello, NodeMemory } from '../core/ports.ts';
import { isJsonObject } from '../core/json.ts';
import { virtualization } from '../facts/virtualization.ts';
import type { Channels } from '../queue/station.ts';
import { wordsOf } from './doctor-here.ts';
import { type Finding, missing, ok, warning } from './finding.ts';
import { reachNode } from './reach-node.ts';
import { shortId } from '../words/text.ts';

const READ_MS = 20_000;
const AT_ONCE = 10;

type Looked = { readonly node: Node; readonly hello?: Hello; readonly findings: readonly Finding[] };

/** What the node runs in, e.g. `a kvm machine`, `an lxc container`. */
const runsIn = async (channels: Channels, name: string, signal: AbortSignal): Promise<string> => {
  const fact = virtualization();
  const reads = questions(fact).flatMap((question) => (question.via === 'ssh' ? [question] : []));
  const results = await channels.node(name).read(reads, { signal, timeoutMs: READ_MS });
  const state = readFact(
    fact,
    results.map((command) => ({ command })),
  );
  if (!isJsonObject(state)) return 'unknown';
  const [container, vm] = [state['container'], state['vm']].map((word) => (typeof word === 'string' ? word : 'unknown'));
  if (container !== 'none' && container !== 'unknown') return `container (${container}): no modules, kernel or most sysctls of its own`;
  return vm === 'none' ? 'bare metal' : `virtual machine (${vm})`;
};

const lookAt = async (channels: Channels, memory: NodeMemory, node: Node, file: string, signal: AbortSignal): Promise<Looked> => {
  try {
    const hello = await reachNode(channels, memory, node, signal);
    const kind = await runsIn(channels, node.name, signal);
    const { identity, address, bootId } = hello;
    const findings = [
      ok(node.name, `${address}, machine ${shortId(identity.machineId)}, ${identity.hostKey}, boot ${shortId(bootId)}, ${kind}`),
    ];
    if (!node.addresses.includes(address)) findings.push(warning(node.name, `${file} is out of date: it has ${node.addresses.join(', ')}`));
    return { node, hello, findings };
  } catch (error) {
    return { node, findings: [missing(node.name, wordsOf(error))] };
  }
};

const clones = (looked: readonly Looked[]): readonly Finding[] =>
  clonesAmong(looked.flatMap(({ node, hello }) => (hello ? [{ node: node.name, identity: hello.identity }] : []))).map((why) =>
    missing('identity', why),
  );

/** Connects to every node, a few at once, and tells who answers. */
export const checkNodes = async (
  channels: Channels,
  memory: NodeMemory,
  nodes: readonly Node[],
  file: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const looked: Looked[] = [];
  const left = nodes.entries();
  const lane = async (): Promise<void> => {
    for (const [index, node] of left) looked[index] = await lookAt(channels, memory, node, file, signal);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, nodes.length) }, lane));
  return [...looked.flatMap(({ findings }) => findings), ...clones(looked)];
};
