import { readFileSync } from 'node:fs';
import { z } from 'zod';
import migrate from '../../runbooks/migrate-runner-node.ts';
import { controlChannel } from '../../src/channels/control.ts';
import { clusterChannel } from '../../src/channels/kubernetes.ts';
import { sshChannel } from '../../src/channels/ssh/channel.ts';
import type { Action } from '../../src/core/action.ts';
import { type Answer, type Fact, type Question, questions, readFact } from '../../src/core/fact.ts';
import type { Json } from '../../src/core/json.ts';
import { layOut } from '../../src/core/plan.ts';
import type { StepContext } from '../../src/core/step.ts';
import { facts } from '../facts/registry.ts';

// Walks one node through the migration by drover's own channels, without the engine and without the reboot: looks, and if it is told to, applies, looks,
// takes back, looks.
// Reads its orders as JSON from stdin and prints what was seen as JSON. A program of its own, because a lab's nodes are reached in the lab's namespace only.

const orders = z.object({
  node: z.object({ name: z.string(), address: z.string(), newAddress: z.string() }),
  /** Whether to change anything. */
  changes: z.boolean(),
  gateway: z.string(),
  context: z.string(),
  ssh: z.object({ port: z.number().nullable(), identityFile: z.string(), knownHosts: z.string().nullable() }),
  env: z.object({ HOME: z.string(), KUBECONFIG: z.string(), PATH: z.string() }),
});
/** Which node to walk, and how it is reached. */
export type Orders = z.infer<typeof orders>;

/** What could not be, or is found in no fresh node: each fact has to make sense of that too. */
const odd: readonly (readonly [string, ...string[]])[] = [
  ['service', 'no-such-unit'],
  ['service', 'ssh'],
  ['service', 'sshd'],
  ['service', 'systemd-modules-load'],
  ['connection', 'no-such-connection'],
  ['live-address', 'no-such-connection'],
  ['file', '/no/such/file'],
  ['file', '/etc'],
  ['file', '/etc/hostname'],
  ['file', '/etc/modules-load.d/modules.conf'],
  ['packages', 'no-such-package', 'network-manager'],
  [
    'modules-present',
    'iptable_nat',
    'nf-nat',
    'ip_tables',
    'no_such_module',
    'ipt_MASQUERADE',
    'unix',
    'configfs',
    'tcp_cubic',
    'ipv6',
    'overlay',
    'bridge',
    'ip_vs',
    'iptable_mangle',
    'nft_compat',
    'net-pf-1',
  ],
  ['modules-similar', 'iptables_nat', 'iptable-nat', 'no_such_module'],
  ['modules-blocked', 'iptable_nat', 'no_such_module'],
  ['modules-listed'],
  ['address-holder', '127.0.0.1'],
  ['address-holder', '198.51.100.77'],
  ['boot'],
  ['cluster-node', 'no-such-node'],
  ['node-health', 'no-such-node'],
  ['helm-history', 'no-such-release', 'gitlab-runner'],
  ['helm-run', 'no-such-release', 'gitlab-runner'],
];

const walk = async ({ node: target, changes: changing, gateway, context, ssh, env }: Orders): Promise<Json> => {
  const call = { signal: new AbortController().signal, timeoutMs: 180_000 };
  const { name } = target;
  await using node = sshChannel({ settings: { user: 'ops', jump: null, ...ssh }, name, home: env.HOME, agent: undefined });
  const cluster = await clusterChannel({ context, kubeconfig: env.KUBECONFIG });
  const control = controlChannel({ env });
  const { bootId } = await node.hello({ name, addresses: [target.address], identity: null }, call);

  const ask = async (question: Question): Promise<Answer> => {
    if (question.via === 'kubernetes') return { response: await cluster.call(question, call) };
    if (question.via === 'control') return { command: await control.run(question, call) };
    throw new Error('a node is asked in batches');
  };
  /** What is asked of the node goes there in one exec, as in the engine. */
  const look = async (...all: readonly Fact[]): Promise<Json[]> => {
    const asked = all.flatMap(questions);
    const told = [
      ...(await node.read(
        asked.filter((question) => question.via === 'ssh'),
        call,
      )),
    ];
    const answers: Answer[] = [];
    for (const question of asked) {
      const command = question.via === 'ssh' ? told.shift() : undefined;
      answers.push(command ? { command } : await ask(question));
    }
    return all.map((fact) => readFact(fact, answers));
  };
  const act = async (step: string, action: Action): Promise<Json> => {
    if (action.via === 'kubernetes') return (await cluster.call(action, call)).status;
    if (action.via !== 'ssh') throw new Error(`${step} is not for a walk: ${action.via}`);
    const { performed } = await node.write(action, { fence: 1, run: 'walk', step, attempt: 1, bootId }, [], call);
    if (performed.kind !== 'exited') throw new Error(`${step}: ${JSON.stringify(performed)}`);
    return performed.result.exitCode;
  };

  const params = migrate.params.parse({ gateway, move: 'none' });
  const about = { name, addresses: [target.address], labels: {}, vars: {} };
  const ctx: StepContext = { runId: 'walk', direction: 'forward', node: about, answers: {}, awaiting: [] };
  const plan = layOut(migrate.steps({ params, vars: { newAddress: target.newAddress }, node: about }));
  const steps = [...plan.items.map(({ step }) => step), ...(migrate.afterRun?.(params) ?? [])];
  const changes = plan.items.flatMap(({ step, role }) => (changing && step.kind === 'change' && role !== 'close' ? [step] : []));
  const seen: { at: string; step: string; state: Json; says: readonly string[]; acts: readonly Json[] }[] = [];
  const note = (at: string, step: string, state: Json, says: readonly string[] = [], acts: readonly Json[] = []): void => {
    seen.push({ at, step, state, says, acts });
  };

  const fresh = await look(...steps.map((step) => step.observe(ctx)));
  const before = new Map(steps.map((step, at) => [step.id, fresh[at] ?? null]));
  for (const step of steps)
    note('fresh', step.id, before.get(step.id) ?? null, step.unmet(before.get(step.id) ?? null, before.get(step.id) ?? null, ctx));
  const strange = await look(...odd.map(([fact, ...given]) => facts[fact]?.(given) ?? { known: null }));
  odd.forEach((given, at) => note('odd', given.join(' '), strange[at] ?? null));
  for (const step of changes) {
    const [was = null] = await look(step.observe(ctx));
    const acts: Json[] = [];
    for (const action of step.apply(was, ctx)) acts.push(await act(step.id, action));
    const [state = null] = await look(step.observe(ctx));
    note('applied', step.id, state, step.unmet(state, was, ctx), acts);
  }
  for (const step of changes.toReversed()) {
    const was = before.get(step.id) ?? null;
    const [now = null] = await look(step.observe(ctx));
    const actions = step.rollback(was, ctx, now);
    const acts: Json[] = [];
    for (const action of actions === 'impossible' ? [] : actions) acts.push(await act(step.id, action));
    const [state = null] = await look(step.observe(ctx));
    note('back', step.id, state, step.restored?.(state, was, ctx) ?? [], acts);
  }
  return seen.map((entry) => ({ ...entry }));
};

process.stdout.write(JSON.stringify(await walk(orders.parse(JSON.parse(readFileSync(0, 'utf8'))))));
