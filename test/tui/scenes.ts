import type { Found } from '../../src/core/way-out.ts';
import type { NewEvent, NodeEvent } from '../../src/core/event.ts';
import { type Model, learn, startModel, tell, tellAll } from '../../src/tui/model.ts';
import { pressPlan, startPlan } from '../../src/tui/plan.ts';
import { type Ui, frame, startUi } from '../../src/tui/ui.ts';
import type { Frame, Look, Size } from '../../src/tui/view/frame.ts';
import { planFrame } from '../../src/tui/view/plan.ts';
import { modelAfter, modelAtEnd, output, plan, pressed, runId, spec, told } from './story.ts';

/** The sizes that frames are drawn in. */
export const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
  { columns: 40, rows: 10 },
];

/** Something that is seen, and the keys that led there. */
export type Scene = { readonly name: string; readonly keys: string; draw(size: Size): Frame };

const MINUTE = 60_000;
const [base] = spec.nodes;
if (!base) throw new Error('the recording has no nodes');

/** Nodes that go through what runner-02 went through, each as far as it got: `stages` says how many of its events each has. */
export const crowd = (names: readonly string[], stages: (place: number) => number): Model => {
  const own = told.filter(({ stream }) => stream === 'runner-02');
  const nodes = names.map((name) => ({ ...base, name }));
  const start = startModel('c4owd0', { ...spec, nodes, rollout: { ...spec.rollout, maxUnavailable: 10 } }, told[0]?.event.at ?? 0);
  const begun = tell(start, told[0] ?? { stream: '@run', event: { type: 'run.halted', why: '', seq: 1, at: 0 } });
  const model = tellAll(
    begun,
    names.flatMap((name, place) => own.slice(0, stages(place)).map(({ event }) => ({ stream: name, event }))),
  );
  return { ...model, now: model.now + 2 * MINUTE };
};

/** Further events of a node, a second apart. */
export const further = (model: Model, stream: string, ...events: readonly NewEvent[]): Model =>
  events.reduce((all, event, index): Model => {
    const next: NodeEvent = { ...event, seq: 1000 + index, at: model.now + index * 1000 };
    return tell(all, { stream, event: next });
  }, model);

const asked = modelAfter(({ stream, event }) => stream === 'runner-03' && event.type === 'step.asked', MINUTE);
const lost: Found = {
  step: 'reboot',
  verdict: {
    verdict: 'another-machine',
    address: '127.77.1.13',
    message: 'it offered the host key ssh-ed25519 SHA256:uhJi…, but runner-03 showed SHA256:zl7r… at first contact',
  },
  waits: 'reboot',
  failsAt: asked.now + 20 * MINUTE,
  otherwise: 'stays',
  asked: true,
};
const strange = further(
  asked,
  'runner-03',
  { type: 'guard.armed', step: 'reboot', bootId: 'b1', deadlineMs: 10 * MINUTE, reverts: 0 },
  { type: 'node.verdict', ...lost, next: { waits: 'reboot', person: [], drover: [] } },
);
const noticed = (reminder: number): NewEvent => ({
  type: 'notice.sent',
  kind: 'asked',
  reminder,
  ok: true,
  of: 'asked',
  step: 'reboot',
  instructions: 'move the VM of runner-03',
  askedAt: asked.now,
});
/** The team that was asked has been reminded; it is five minutes since. */
const reminded: Model = {
  ...further(
    asked,
    'runner-03',
    {
      type: 'step.asked',
      step: 'reboot',
      instructions: 'move the VM of runner-03 to the cluster and network of 127.77.1.13/24 and restart it there',
      to: 'the vCenter team',
      untilMs: asked.now + 29 * MINUTE,
      otherwise: 'stays',
    },
    noticed(0),
    noticed(1),
    noticed(2),
  ),
  now: asked.now + 5.5 * MINUTE,
};
const choosing = further(asked, 'runner-03', {
  type: 'step.asked',
  step: 'reboot',
  instructions: 'onto which datastore is the VM of runner-03 moved?',
  to: 'the vCenter team',
  choices: ['ssd', 'disk', 'archive'],
});
const failed = modelAfter(({ stream, event }) => stream === 'runner-03' && event.type === 'node.finished', MINUTE);
const ended = modelAfter(({ event }) => event.type === 'run.finished', 5000);
const again = modelAfter(({ event }) => event.type === 'run.wave' && event.wave === 'replay', 4 * MINUTE);
const back = modelAfter(
  ({ stream, event }) => stream === 'runner-02' && event.type === 'step.verified' && event.step.startsWith('undo.packages'),
  0,
);
/** What is told besides events of runner-03. */
export const known = [
  { is: 'output', node: 'runner-03', lines: output },
  { is: 'link', node: 'runner-03', latencyMs: 11.6 },
  {
    is: 'detail',
    node: 'runner-03',
    steps: {
      reboot: { title: 'reboot by a person', actions: ['ask a person: move the VM of runner-03'] },
      cordon: { title: 'cordon', actions: ['cordon runner-03; the annotation drover.dev/cordon names run RUN'] },
    },
  },
  {
    is: 'way-back',
    nodes: {
      'runner-03': {
        kind: 'steps',
        steps: [
          {
            title: 'undo: give ens192 the address 127.77.1.13/24',
            actions: ['drover_restore /etc/sysconfig/network-scripts/ifcfg-ens192 && nmcli connection reload'],
          },
          { title: 'undo: load iptable_nat, iptable_filter at boot', actions: ['drover_restore /etc/modules-load.d/iptable_nat.conf'] },
          { title: 'reboot by a person, for what was restored', actions: [] },
          { title: 'undo: cordon', actions: ['uncordon runner-03; the annotation drover.dev/cordon goes'] },
        ],
      },
    },
  },
  { is: 'holders', holders: { here: false, others: ['worker 4711 on ops-1'] } },
] as const;
const failedKnown = known.reduce(learn, failed);

const thirty = crowd(
  Array.from({ length: 30 }, (_, index) => `runner-${String(index + 1).padStart(2, '0')}`),
  (place) => (place < 6 ? 99 : place < 18 ? 8 + ((place * 5) % 24) : 1),
);
const approved = [{ id: 'approval:start', kind: 'change', wish: null }, ...(thirty.outline ?? [])] as const;
const odd = [
  ['runner-07', { type: 'step.unknown', step: 'service:kubelet:stopped', why: 'the connection ended before an exit status came' }],
  [
    'runner-12',
    {
      type: 'node.parked',
      waitsFor: 'runner-12 does not answer at 127.77.0.22: connect ETIMEDOUT',
      clears: 'by-itself',
      unreachable: true,
    },
  ],
  ['runner-13', { type: 'node.parked', waitsFor: 'paused by anna: drover resume c4owd0', clears: 'by-word', control: '1-1' }],
  ['runner-14', { type: 'plan.started', plan: 'forward', fingerprint: '', outline: approved, reset: [], by: 'anna' }],
  [
    'runner-14',
    { type: 'step.started', step: 'approval:start', attempt: 1, before: null, unmet: ['waits for an approval: may the canaries go?'] },
  ],
  ['runner-14', { type: 'step.asked', step: 'approval:start', instructions: 'may the canaries go?' }],
  ['runner-15', { type: 'node.finished', outcome: 'cancelled', by: 'anna', why: 'the disk is being replaced' }],
] as const;
const thirtyOdd = odd.reduce((model, [name, event]) => further(model, name, event), thirty);
const longNames = crowd(
  ['gitlab-runner-docker-in-docker-with-a-name-that-is-much-too-long.ci.example.org', '節点-東京-一', 'ノード🙂', 'a'],
  (place) => 14 + place,
);

const scene = (
  name: string,
  model: Model,
  keys: string,
  { look = {}, ui = startUi }: { readonly look?: Look; readonly ui?: Ui } = {},
): Scene => ({
  name,
  keys,
  draw: (size) => frame(pressed(model, keys, size, ui), model, size, look),
});
const planScene = (name: string, keys: string, shown = plan): Scene => ({
  name,
  keys,
  draw: (size) => {
    const ui = keys
      .split(' ')
      .filter((key) => key !== '')
      .reduce((now, key) => pressPlan(now, shown, { name: key }, size).state, startPlan);
    return planFrame(ui, shown, size, {});
  },
});
const play = { from: told[0]?.event.at ?? 0, to: told.at(-1)?.event.at ?? 0, speed: 8, paused: false };

/** All that frames are kept of. */
export const scenes: readonly Scene[] = [
  scene('before anything has happened', startModel(runId, spec, told[0]?.event.at ?? 0), ''),
  scene('three nodes wait for a person', asked, 'j'),
  scene('a node has failed its proof', failed, 'n n'),
  scene('a run that has ended', ended, ''),
  scene('a failed node is tried again', again, ''),
  scene('a node goes back', back, 'j'),
  scene('all of it is over', modelAtEnd(), ''),
  scene('thirty nodes', thirty, 'j j'),
  scene('thirty nodes, all that can be', thirtyOdd, ''),
  scene('thirty nodes, nothing folded, at the end', thirtyOdd, 'z z G'),
  scene('a filter is typed', thirtyOdd, '/ r e b o o t'),
  scene('a filter that nothing fits', thirtyOdd, '/ x y z enter'),
  scene('a key that makes no sense now', failed, 'a'),
  scene('long and wide names', longNames, 'j'),
  scene('a node whose proof failed', failedKnown, 'n n enter'),
  scene('an earlier step of it', failedKnown, 'n n enter k k'),
  scene('its output, searched', failedKnown, 'n n enter / i n s t a l l enter'),
  scene('a node on the way back', back, '/ 0 2 enter enter'),
  scene('a team was asked, and reminded', reminded, 'j enter'),
  scene('an answer is one of some', choosing, 'j a'),
  scene('a node that has not begun', asked, '/ 0 5 enter enter'),
  scene('another machine answers where a node should be', strange, '/ 0 3 enter enter'),
  scene('retry is asked', failedKnown, 'n n r'),
  scene('roll back is asked, with the way back', failedKnown, 'n n b'),
  scene('approve is asked', thirtyOdd, 'a'),
  scene('cancel of the whole run is asked', thirtyOdd, 'X'),
  scene('leaving is asked', failedKnown, 'q'),
  scene('the keys', asked, '?'),
  scene('history is played', failed, '', { ui: { ...startUi, play } }),
  scene('with ASCII signs', thirtyOdd, 'j', { look: { ascii: true } }),
  planScene('the plan', ''),
  planScene('the plan, further down', 'ctrl+f ctrl+f'),
  planScene('the plan, folded', 'enter j'),
  planScene('a plan that is refused', '', {
    ...plan,
    refusals: ['runner-04: iptables_nat is in no kernel of this node: did you mean iptable_nat?'],
    warnings: ['runner-02 answers at 127.77.1.12, not at 127.77.0.12: the inventory is out of date'],
  }),
];
