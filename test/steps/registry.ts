import { z } from 'zod';
import { control } from '../../src/core/command.ts';
import { isDuration } from '../../src/core/duration.ts';
import type { Json } from '../../src/core/json.ts';
import type { Gate, Step } from '../../src/core/step.ts';
import { address } from '../../src/steps/address.ts';
import { certificateTrusted } from '../../src/steps/certificate.ts';
import { kubeletRestarted, runtimeRestarted, runtimeRuns } from '../../src/steps/containerd.ts';
import { mountShared, pathThere } from '../../src/steps/boot-proofs.ts';
import { bootScript } from '../../src/steps/boot-script.ts';
import { cordon, uncordon } from '../../src/steps/cordon.ts';
import { daemonSets } from '../../src/steps/daemon-set.ts';
import { drain } from '../../src/steps/drain.ts';
import { file } from '../../src/steps/file.ts';
import { helm } from '../../src/steps/helm.ts';
import { jobsEnded } from '../../src/steps/jobs-ended.ts';
import { kernelModules } from '../../src/steps/kernel-modules.ts';
import { nodeReady } from '../../src/steps/node-ready.ts';
import { packageVersion } from '../../src/steps/package-version.ts';
import { packages } from '../../src/steps/packages.ts';
import { approval } from '../../src/steps/person.ts';
import { podsRestarted, restartApproved } from '../../src/steps/pods-restarted.ts';
import { preflight } from '../../src/steps/preflight.ts';
import { reboot } from '../../src/steps/reboot.ts';
import { reload } from '../../src/steps/reload.ts';
import { moduleLoader } from '../../src/steps/module-loader.ts';
import { moduleScript } from '../../src/steps/module-script.ts';
import { service } from '../../src/steps/service.ts';
import { sysctl } from '../../src/steps/sysctl.ts';
import type { SysctlWishes } from '../../src/steps/sysctl-wish.ts';

const text = z.string();
const names = z.array(text);
const duration = z.string().refine(isDuration);
const flag = z.literal(true).exactOptional();
const drainOptions = z.strictObject({
  ignoreDaemonSets: flag,
  deleteEmptyDir: flag,
  force: flag,
  disableEviction: flag,
  gracePeriod: duration.exactOptional(),
  skipWaitForDelete: duration.exactOptional(),
  jobs: z.enum(['wait', 'kill']).exactOptional(),
});
const BY = { bad: ['1.6.14'] };
const restart = z.strictObject({ which: z.enum(['leaving', 'staying']), approve: z.enum(['each', 'once', 'no']).exactOptional() });
const version = z.strictObject({ names, version: text });
const proofOf = (step: Step): Gate => {
  if (step.kind !== 'change' || !step.proof) throw new Error(`${step.id} has no proof`);
  return step.proof;
};
const modules = (params: Json): Step => {
  const wish = z.object({ names, file: text, optional: names.exactOptional() }).parse(params);
  return kernelModules(wish.names, { file: wish.file, ...(wish.optional && { optional: wish.optional }) });
};
const bound = z.union([
  z.strictObject({ exactly: z.union([text, z.number()]) }),
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
]);
const sysctlParams = (params: Json): { readonly wishes: SysctlWishes; readonly file: string } =>
  z.strictObject({ wishes: z.record(text, bound), file: text }).parse(params);
/** The step that writes the sysctl file; the one before it loads modules. */
const sysctlOf = (params: Json): Step => {
  const { wishes, file } = sysctlParams(params);
  const step = sysctl(wishes, { file, modules: '/etc/modules-load.d/x.conf' }).at(-1);
  if (!step) throw new Error('sysctl() gave no step');
  return step;
};
const scriptOf = (params: Json): Step => {
  const wish = z.object({ names, file: text }).parse(params);
  return moduleScript(wish.names, { file: wish.file });
};
const addressOf = (params: Json): Step => address(z.object({ connection: text, address: text, gateway: text }).parse(params));

/** The steps that case files may name, built from a case's params. */
export const steps: Readonly<Record<string, (params: Json) => Step>> = {
  address: addressOf,
  'address.proof': (params) => proofOf(addressOf(params)),
  approval: (params) => approval(text.parse(params), { question: 'shall it begin?' }),
  certificateTrusted: (params) =>
    certificateTrusted(z.strictObject({ endpoint: text, ca: text, name: text.exactOptional() }).parse(params)),
  bootScript: (params) => bootScript(text.parse(params), { file: '/etc/rc.local' }),
  cordon: () => cordon(),
  'daemonSets.applied': (params) =>
    daemonSets.applied(z.object({ namespace: text, name: text, spec: z.record(text, z.json()) }).parse(params)),
  'daemonSets.ready': (params) => daemonSets.ready(z.object({ namespace: text, name: text }).parse(params), { within: '5m' }),
  drain: (params) => drain(drainOptions.parse(params)),
  file: (params) => {
    const { path, content, mode, owner } = z
      .object({ path: text, content: text, mode: text.default('0644'), owner: text.default('root:root') })
      .parse(params);
    return file(path, { content, mode, owner });
  },
  'helm.upgraded': (params) => {
    const { release, ...wish } = z.object({ release: text, namespace: text, chart: text, within: duration }).parse(params);
    return helm.upgraded(release, wish);
  },
  jobsEnded: (params) => jobsEnded({ wait: duration.parse(params) }),
  kernelModules: modules,
  'kernelModules.proof': (params) => proofOf(modules(params)),
  kubeletRestarted: () => kubeletRestarted(BY),
  moduleLoader: (params) =>
    moduleLoader(z.object({ namespace: text, name: text, image: text, required: names, optional: names }).parse(params)),
  moduleScript: scriptOf,
  nodeReady: (params) => {
    const { address: wished } = z.object({ address: text.optional() }).parse(params);
    return nodeReady({ within: '5m', ...(wished !== undefined && { address: wished }) });
  },
  packageVersion: (params) => packageVersion(version.parse(params), { unit: 'containerd' }),
  'packages.installed': (params) => packages.installed(names.parse(params)),
  podsRestarted: (params) => podsRestarted({ ...BY, ...restart.parse(params) }),
  'preflight.addressFree': (params) => preflight.addressFree(z.object({ address: text, gateway: text }).parse(params)),
  mountShared: (params) => mountShared(text.parse(params)),
  pathThere: (params) => pathThere(text.parse(params)),
  'preflight.container': (params) => preflight.container(names.parse(params)),
  'preflight.onHost': (params) =>
    preflight.onHost({ host: 'lxd-1', modules: names.parse(params), sysctls: { 'net.netfilter.nf_conntrack_max': { atLeast: 131072 } } }),
  'preflight.diskSpace': () => preflight.diskSpace(),
  'preflight.drainable': (params) => preflight.drainable(drainOptions.parse(params)),
  'preflight.iptablesBackend': (params) => preflight.iptablesBackend(z.enum(['nf_tables', 'legacy', 'either']).parse(params)),
  'preflight.moduleScriptsRun': () => preflight.moduleScriptsRun(),
  'preflight.modulesExist': (params) => preflight.modulesExist(names.parse(params)),
  'preflight.networkManager': (params) => preflight.networkManager(text.parse(params)),
  'preflight.notBlacklisted': (params) => preflight.notBlacklisted(names.parse(params)),
  'preflight.notCordonedByOthers': () => preflight.notCordonedByOthers(),
  'preflight.podsRestartable': () => preflight.podsRestartable(BY),
  'preflight.runtimeReadable': (params) => preflight.runtimeReadable(text.parse(params), BY.bad),
  'preflight.versionAvailable': (params) => preflight.versionAvailable(version.parse(params)),
  'preflight.notContainer': () => preflight.notContainer(),
  'preflight.sysctlEffective': (params) => {
    const { wishes, file } = sysctlParams(params);
    return preflight.sysctlEffective(wishes, { file });
  },
  'preflight.virtualMachine': () => preflight.virtualMachine(),
  reload: (params) => reload(text.parse(params), { within: '2m' }),
  reboot: (params) => {
    const { by, command } = z.object({ by: text.optional(), command: names.optional() }).parse(params);
    const who = command ? (direction: string) => control([...command, direction]) : by && ((direction: string) => `${by} ${direction}`);
    return reboot({ within: '30m', ...(command && { deadman: '10m' }), ...(who && { by: who }) });
  },
  restartApproved: () => restartApproved(BY),
  runtimeRestarted: () => runtimeRestarted(),
  runtimeRuns: (params) => runtimeRuns(text.parse(params)),
  'service.running': (params) => service.running(text.parse(params)),
  'service.stopped': (params) => service.stopped(text.parse(params)),
  sysctl: sysctlOf,
  'sysctl.proof': (params) => proofOf(sysctlOf(params)),
  uncordon: () => uncordon(),
};
