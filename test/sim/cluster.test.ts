import { describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../../src/sim/cluster/answer.ts';
import { at, listAt, textAt } from '../../src/sim/cluster/cluster.ts';
import { addBudget } from '../../src/sim/cluster/eviction.ts';
import { addPod } from '../../src/sim/cluster/pods.ts';
import { answer } from '../../src/sim/cluster/rest.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { type World, addNode, advance, createWorld, moveVm, nextDue, reachableAddresses, resetVm } from '../../src/sim/world.ts';
import { START, runOn } from './box.ts';

const NODE = '/api/v1/nodes/n1';
const merge = 'application/merge-patch+json';

type Setup = {
  readonly world: World;
  readonly machine: Machine;
  ask(method: string, path: string, body?: unknown, now?: number, contentType?: string): ApiAnswer;
};

const setUp = (nodes = 1): Setup => {
  const networks = [
    { name: 'ci', subnets: ['10.77.0.0/24'] },
    { name: 'services', subnets: ['10.77.1.0/24'] },
  ];
  const world = createWorld({ timings: timingsAt(1), networks });
  const [machine] = Array.from({ length: nodes }, (_, index) =>
    addNode(world, { name: `n${index + 1}`, address: `10.77.0.${11 + index}/24`, gateway: '10.77.0.1', network: 'ci' }, START),
  );
  if (!machine) throw new Error('no node');
  return {
    world,
    machine,
    ask: (method, path, body = null, now = START, contentType = merge) => {
      world.touched.add('n1');
      advance(world, now);
      const url = new URL(path, 'http://x');
      return answer(world.cluster, { method, path: url.pathname, query: url.searchParams, contentType, body }, now);
    },
  };
};

const readyOf = (node: ApiAnswer): string => textAt(listAt(node.body, 'status', 'conditions')[0], 'status');
const addressOf = (node: ApiAnswer): string => textAt(listAt(node.body, 'status', 'addresses')[0], 'address');
const names = (list: ApiAnswer): readonly string[] => listAt(list.body, 'items').map((item) => textAt(item, 'metadata', 'name'));

describe('the API of the simulated cluster', () => {
  test('patches a node and raises its resourceVersion', () => {
    const { ask } = setUp();
    const before = textAt(ask('GET', NODE).body, 'metadata', 'resourceVersion');
    const patched = ask('PATCH', NODE, { metadata: { resourceVersion: before, annotations: { a: 'b' } }, spec: { unschedulable: true } });
    expect(patched.status).toBe(200);
    expect(at(patched.body, 'spec', 'unschedulable')).toBe(true);
    expect(textAt(patched.body, 'metadata', 'resourceVersion')).not.toBe(before);
    expect(at(ask('PATCH', NODE, { metadata: { annotations: { a: null } } }).body, 'metadata', 'annotations')).toEqual({});
  });

  test('answers 409 to a stale resourceVersion or another uid, and changes nothing', () => {
    const { ask } = setUp();
    const node = ask('GET', NODE);
    const version = textAt(node.body, 'metadata', 'resourceVersion');
    expect(ask('PATCH', NODE, { metadata: { resourceVersion: '1' }, spec: { unschedulable: true } })).toMatchObject({
      status: 409,
      body: { reason: 'Conflict' },
    });
    expect(ask('PATCH', NODE, { metadata: { uid: 'x' }, spec: { unschedulable: true } }).status).toBe(409);
    expect(ask('GET', NODE).body).toEqual(node.body);
    expect(ask('PUT', NODE, { ...node.body, spec: { unschedulable: true } }).status).toBe(200);
    expect(ask('PUT', NODE, { ...node.body, metadata: { name: 'n1', resourceVersion: version } }).status).toBe(409);
  });

  test('takes merge patches only, and knows what it does not know', () => {
    const { ask } = setUp();
    expect(ask('PATCH', NODE, [], START, 'application/json-patch+json').status).toBe(415);
    expect(ask('GET', '/api/v1/nodes/none')).toMatchObject({ status: 404, body: { reason: 'NotFound', kind: 'Status' } });
    expect(ask('GET', '/apis/apps/v1/deployments').status).toBe(404);
    expect(ask('GET', '/version').status).toBe(200);
  });

  test('lists pods of a node and by label, in one namespace or all', () => {
    const { world, ask } = setUp(2);
    addPod(world.cluster, { namespace: 'a', name: 'p1', node: 'n1', labels: { app: 'x' } }, START);
    addPod(world.cluster, { namespace: 'b', name: 'p2', node: 'n2', labels: { app: 'y' } }, START);
    expect(names(ask('GET', '/api/v1/pods?fieldSelector=spec.nodeName=n1'))).toEqual(['p1']);
    expect(names(ask('GET', '/api/v1/pods?labelSelector=app+in+(y,z)'))).toEqual(['p2']);
    expect(names(ask('GET', '/api/v1/namespaces/a/pods?labelSelector=app!=y'))).toEqual(['p1']);
    expect(names(ask('GET', '/api/v1/nodes'))).toEqual(['n1', 'n2']);
  });

  test('keeps leases, with compare-and-set, and those of the kubelets', () => {
    const { ask } = setUp();
    const path = '/apis/coordination.k8s.io/v1/namespaces/drover/leases';
    const made = ask('POST', path, { metadata: { name: 'run' }, spec: { holderIdentity: 'a' } });
    expect([made.status, ask('POST', path, { metadata: { name: 'run' } }).status]).toEqual([201, 409]);
    expect(ask('PUT', `${path}/run`, { ...made.body, spec: { holderIdentity: 'b' } }).status).toBe(200);
    expect(ask('PUT', `${path}/run`, { ...made.body, spec: { holderIdentity: 'c' } }).status).toBe(409);
    expect(ask('DELETE', `${path}/run`).status).toBe(200);
    expect(
      at(ask('GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', null, START + 5000).body, 'spec', 'renewTime'),
    ).toBe(new Date(START + 5000).toISOString().replace('Z', '000Z'));
  });

  test('answers what it was told to, as often as it was told', () => {
    const { world, ask } = setUp();
    world.cluster.faults.push({ status: 429, times: 2, method: 'GET', path: /nodes/ });
    expect([1, 2, 3].map(() => ask('GET', NODE).status)).toEqual([429, 429, 200]);
  });
});

describe('evictions', () => {
  const evict = (ask: Setup['ask'], name: string, now = START): ApiAnswer =>
    ask('POST', `/api/v1/namespaces/ci/pods/${name}/eviction`, { metadata: { name } }, now);
  const pods = (world: World): void => {
    for (const n of [1, 2])
      addPod(world.cluster, { namespace: 'ci', name: `r${n}`, node: `n${n}`, labels: { app: 'r' }, owner: 'ReplicaSet/r' }, START);
  };

  test('are refused with 429 and the budget that blocks, until another pod is healthy', () => {
    const { world, ask } = setUp(2);
    pods(world);
    addBudget(world.cluster, { namespace: 'ci', name: 'keep', labels: { app: 'r' }, minAvailable: 1 }, START);
    expect(evict(ask, 'r1').status).toBe(201);
    expect(evict(ask, 'r2')).toMatchObject({
      status: 429,
      body: {
        reason: 'TooManyRequests',
        details: {
          causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget keep needs 1 healthy pods and has 1 currently' }],
        },
      },
    });
    expect(at(ask('GET', '/apis/policy/v1/namespaces/ci/poddisruptionbudgets/keep').body, 'status', 'disruptionsAllowed')).toBe(0);
    expect(evict(ask, 'r2', START + 20_000).status).toBe(201);
  });

  test('leave the pod terminating for a while, then its controller makes another on a node that takes it', () => {
    const { world, ask } = setUp(2);
    pods(world);
    ask('PATCH', NODE, { spec: { unschedulable: true } });
    evict(ask, 'r1');
    expect(textAt(ask('GET', '/api/v1/namespaces/ci/pods/r1', null, START + 4_999).body, 'metadata', 'deletionTimestamp')).not.toBe('');
    expect(ask('GET', '/api/v1/namespaces/ci/pods/r1', null, START + 5_000).status).toBe(404);
    expect(
      listAt(ask('GET', '/api/v1/namespaces/ci/pods?fieldSelector=spec.nodeName=n2', null, START + 20_000).body, 'items').map((pod) =>
        textAt(pod, 'status', 'phase'),
      ),
    ).toEqual(['Running', 'Running']);
  });

  test('leave a pod pending until a node is uncordoned', () => {
    const { world, ask } = setUp();
    addPod(world.cluster, { namespace: 'ci', name: 'r1', node: 'n1', owner: 'ReplicaSet/r' }, START);
    ask('PATCH', NODE, { spec: { unschedulable: true } });
    evict(ask, 'r1');
    const phases = (now: number): readonly string[] =>
      listAt(ask('GET', '/api/v1/namespaces/ci/pods', null, now).body, 'items').map(
        (pod) => `${textAt(pod, 'status', 'phase')} ${textAt(pod, 'spec', 'nodeName')}`,
      );
    expect(phases(START + 60_000)).toEqual(['Pending ']);
    ask('PATCH', NODE, { spec: { unschedulable: false } }, START + 60_000);
    expect(phases(START + 70_000)).toEqual(['Running n1']);
  });
});

describe('what the cluster knows of a node', () => {
  test('stays Ready with its old boot and address for the grace period after the kubelet stopped, then is Unknown', () => {
    const { world, machine, ask } = setUp();
    advance(world, START + 10_000);
    runOn(machine, 'systemctl stop kubelet', { at: START + 10_000 });
    ask('GET', NODE, null, START + 10_000);
    expect(readyOf(ask('GET', NODE, null, START + 59_000))).toBe('True');
    expect(readyOf(ask('GET', NODE, null, START + 61_100))).toBe('Unknown');
    expect(textAt(ask('GET', NODE, null, START + 61_100).body, 'status', 'nodeInfo', 'bootID')).toBe(machine.bootId);
  });

  test('follows a boot a moment after its kubelet has started: boot id and InternalIP', () => {
    const { world, machine, ask } = setUp();
    const old = machine.bootId;
    runOn(machine, 'nmcli con mod ens192 ipv4.addresses 10.77.1.11/24');
    advance(world, START + 60_000);
    moveVm(world, 'n1', 'services');
    resetVm(world, 'n1', START + 60_000);
    const down = ask('GET', NODE, null, START + 80_000);
    expect([readyOf(down), addressOf(down), at(down.body, 'status', 'nodeInfo', 'bootID')]).toEqual(['True', '10.77.0.11', old]);
    expect(addressOf(ask('GET', NODE, null, START + 91_000))).toBe('10.77.0.11');
    const up = ask('GET', NODE, null, START + 92_000);
    expect([readyOf(up), addressOf(up), at(up.body, 'status', 'nodeInfo', 'bootID')]).toEqual(['True', '10.77.1.11', machine.bootId]);
    expect(machine.bootId).not.toBe(old);
  });

  test('hears nothing of a node whose address does not belong to its network', () => {
    const { world, machine, ask } = setUp();
    moveVm(world, 'n1', 'services');
    expect(readyOf(ask('GET', NODE))).toBe('True');
    expect(reachableAddresses(world, machine)).toEqual([]);
    expect(readyOf(ask('GET', NODE, null, START + 60_000))).toBe('Unknown');
    moveVm(world, 'n1', 'ci');
    expect(readyOf(ask('GET', NODE, null, START + 61_000))).toBe('True');
  });

  test('has nothing due when nothing happens, and tells when something will', () => {
    const { world, machine } = setUp();
    advance(world, START);
    expect(nextDue(world)).toBeNull();
    runOn(machine, 'systemctl reboot', { at: START });
    world.touched.add('n1');
    expect(advance(world, START)).toBe(false);
    expect(nextDue(world)).toBe(START + 2_000);
  });
});
