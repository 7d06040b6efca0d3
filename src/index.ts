/**
 * What a runbook imports: `import { runbook, kernelModules, reboot, z } from 'drover'`.
 *
 * Authoring only; nothing here reaches a node by itself.
 */
export { z } from 'zod';
export type { Action, ApiRequest, ApiResponse, Ask } from './core/action.ts';
export { type CommandResult, type ControlCommand, type NodeCommand, type Secret, control, secret, sh, withStdin } from './core/command.ts';
export { type Duration, isDuration } from './core/duration.ts';
export { UsageError } from './core/error.ts';
export { fillIn } from './core/fill-in.ts';
export { type Fact, calling, known, reading } from './core/fact.ts';
export type { Json } from './core/json.ts';
export type { Node } from './core/node.ts';
export type { Rollout } from './core/rollout.ts';
export { type Runbook, runbook } from './core/runbook.ts';
export {
  type Activation,
  type Awaiting,
  type Change,
  type Disruption,
  type Gate,
  type Step,
  type StepContext,
  activation,
  change,
  disruption,
  gate,
} from './core/step.ts';
export { type AddressWish, address } from './steps/address.ts';
export { atBoot } from './steps/at-boot.ts';
export { bootScript } from './steps/boot-script.ts';
export { mountShared, pathThere } from './steps/boot-proofs.ts';
export { cordon, uncordon } from './steps/cordon.ts';
export { type DaemonSetWish, daemonSets } from './steps/daemon-set.ts';
export { type DrainOptions, drain } from './steps/drain.ts';
export { jobsEnded } from './steps/jobs-ended.ts';
export { type FileWish, file } from './steps/file.ts';
export { type HelmWish, helm } from './steps/helm.ts';
export { kernelModules } from './steps/kernel-modules.ts';
export { type ModuleLoaderWish, moduleLoader } from './steps/module-loader.ts';
export { moduleScript } from './steps/module-script.ts';
export { nodeReady } from './steps/node-ready.ts';
export { type OnHost } from './steps/on-host.ts';
export { packages } from './steps/packages.ts';
export { type AskedWish, approval, person } from './steps/person.ts';
export { preflight } from './steps/preflight.ts';
export { type RebootOptions, reboot } from './steps/reboot.ts';
export { type ReloadOptions, reload } from './steps/reload.ts';
export { service } from './steps/service.ts';
export { sysctl } from './steps/sysctl.ts';
export { type SysctlWish, type SysctlWishes } from './steps/sysctl-wish.ts';
