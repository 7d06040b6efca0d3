import { z } from 'zod';
import type { Fact } from '../../src/core/fact.ts';
import type { Json } from '../../src/core/json.ts';
import { addressHolder } from '../../src/facts/address-holder.ts';
import { boot, bootId } from '../../src/facts/boot.ts';
import { clusterNode, nodeHealth } from '../../src/facts/cluster-node.ts';
import { daemonSet } from '../../src/facts/daemon-set.ts';
import { container } from '../../src/facts/container.ts';
import { daemonSets } from '../../src/facts/daemon-sets.ts';
import { disruptionBudgets } from '../../src/facts/disruption-budgets.ts';
import { diskSpace } from '../../src/facts/disk-space.ts';
import { file } from '../../src/facts/file.ts';
import { helmHistory, helmRun } from '../../src/facts/helm-release.ts';
import { iptables } from '../../src/facts/iptables.ts';
import { liveAddress } from '../../src/facts/live-address.ts';
import { moduleScripts } from '../../src/facts/module-scripts.ts';
import { modulesBlocked } from '../../src/facts/modules-blocked.ts';
import { modulesListed } from '../../src/facts/modules-listed.ts';
import { modulesPresent } from '../../src/facts/modules-present.ts';
import { modulesSimilar } from '../../src/facts/modules-similar.ts';
import { mountPropagation } from '../../src/facts/mount-propagation.ts';
import { connection } from '../../src/facts/network-manager.ts';
import { packages } from '../../src/facts/package.ts';
import { podsOn } from '../../src/facts/pods.ts';
import { service } from '../../src/facts/service.ts';
import { sysctl } from '../../src/facts/sysctl.ts';
import { virtualization } from '../../src/facts/virtualization.ts';

const words = (params: readonly Json[]): readonly string[] => z.array(z.string()).parse(params);
const word = (params: readonly Json[], index = 0): string => z.string().parse(params[index]);

/** The facts that case files may name, built from a case's params. */
export const facts: Readonly<Record<string, (params: readonly Json[]) => Fact>> = {
  'address-holder': (params) => addressHolder(word(params)),
  boot: () => boot(),
  'boot-id': () => bootId(),
  'cluster-node': (params) => clusterNode(word(params)),
  container: (params) => container(words(params)),
  connection: (params) => connection(word(params)),
  'daemon-set': (params) => daemonSet(word(params), word(params, 1)),
  'daemon-sets': () => daemonSets(),
  'disruption-budgets': () => disruptionBudgets(),
  'disk-space': () => diskSpace(),
  file: (params) => file(word(params)),
  'helm-history': (params) => helmHistory(word(params), word(params, 1)),
  'helm-run': (params) => helmRun(word(params), word(params, 1)),
  iptables: () => iptables(),
  'live-address': (params) => liveAddress(word(params)),
  'module-scripts': () => moduleScripts(),
  'modules-blocked': (params) => modulesBlocked(words(params)),
  'modules-listed': () => modulesListed(),
  'modules-present': (params) => modulesPresent(words(params)),
  'modules-similar': (params) => modulesSimilar(words(params)),
  'mount-propagation': (params) => mountPropagation(word(params)),
  'node-health': (params) => nodeHealth(word(params)),
  'node-pods': (params) => (params.length > 1 ? podsOn(word(params), word(params, 1)) : podsOn(word(params))),
  packages: (params) => packages(words(params)),
  service: (params) => service(word(params)),
  sysctl: (params) => {
    const [keys, own] = z.tuple([z.array(z.string()), z.string()]).parse(params);
    return sysctl(keys, own);
  },
  virtualization: () => virtualization(),
};
