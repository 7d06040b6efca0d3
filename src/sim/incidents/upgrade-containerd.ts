import type { Incident } from './incident.ts';

const DAY = 24;

/** Field report F2: what containerd 1.6.14 made dies at the next start of the kubelet, however new the containerd is by then. */
export const upgradeContainerd: Incident = {
  runbook: 'upgrade-containerd',
  about:
    'Pods made while containerd 1.6.14 ran died months later, all at once, when an upgrade of Kubernetes restarted the kubelets; containerd had been upgraded long before.',
  nodes: [
    {
      name: 'shop-1',
      distro: 'debian12',
      containerd: [
        { version: '1.6.8', hoursAgo: 60 * DAY },
        { version: '1.6.14', hoursAgo: 20 * DAY },
      ],
    },
    { name: 'shop-2', distro: 'debian12', containerd: [{ version: '1.6.18', hoursAgo: 30 * DAY }] },
  ],
  set: ['approve=each'],
  prepare: (sim) => {
    const pod = (name: string, owner: `${'ReplicaSet' | 'StatefulSet'}/${string}`, days: number): void =>
      sim.api.addPod({
        namespace: 'shop',
        name,
        node: 'shop-1',
        owner,
        labels: { app: owner.replace(/.*\//, '') },
        hoursAgo: days * DAY,
      });
    pod('catalog-5f7b9-1', 'ReplicaSet/catalog-5f7b9', 40);
    pod('web-6c8d4-1', 'ReplicaSet/web-6c8d4', 12);
    pod('web-6c8d4-2', 'ReplicaSet/web-6c8d4', 12);
    pod('cart-0', 'StatefulSet/cart', 3);
    sim.api.addBudget({ namespace: 'shop', name: 'web', labels: { app: 'web-6c8d4' }, minAvailable: 1 });
  },
  byHand: [
    { say: 'The version that is known to be bad is upgraded, and runs:' },
    { on: 'shop-1', run: 'grep -o "upgrade containerd.*" /var/log/dpkg.log' },
    { on: 'shop-1', run: 'apt-get -q -y install containerd.io=1.6.18-1' },
    { on: 'shop-1', run: 'ctr version | grep Version' },
    { say: 'Nothing has happened to any pod:' },
    { pods: 'shop-1' },
  ],
  look: [
    { say: 'Another day the kubelet is restarted:' },
    { on: 'shop-1', run: 'systemctl restart kubelet; sleep 1' },
    { pods: 'shop-1' },
    { pods: 'shop-2' },
  ],
  failure: /shop +\S+ +\w+ +1\b/,
};
