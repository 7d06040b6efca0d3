/** How long things take on a node and in a cluster, in milliseconds of the clock that drives the simulation. */
export type Timings = {
  /** From the order to reboot until the node stops answering. */
  readonly stopMs: number;
  /** From then until sshd answers again. */
  readonly bootMs: number;
  /** From the start of the kubelet until its first report reaches the API. */
  readonly kubeletStartMs: number;
  /** How long a node stays Ready after the last report of its kubelet. */
  readonly readyGraceMs: number;
  /** From an eviction until the pod is gone. */
  readonly podTerminationMs: number;
  /** From a pod's placement until it is Running and Ready. */
  readonly podStartMs: number;
  /** An installation by the package manager. */
  readonly packageMs: number;
  /** Stopping or starting a unit. */
  readonly unitMs: number;
  /** `helm upgrade --wait`. */
  readonly helmMs: number;
  /** How long drover's wrapper waits for its lock file. */
  readonly wrapperLockMs: number;
  /** How long ping waits where nobody answers. */
  readonly silenceMs: number;
};

const real: Timings = {
  stopMs: 2_000,
  bootMs: 28_000,
  kubeletStartMs: 4_000,
  readyGraceMs: 50_000,
  podTerminationMs: 5_000,
  podStartMs: 4_000,
  packageMs: 12_000,
  unitMs: 1_000,
  helmMs: 14_000,
  wrapperLockMs: 10_000,
  silenceMs: 1_200,
};

/** The times of a real node (as measured on a virtual machine), divided by `speed`: at 20 a boot takes 1.5 s, at 600 it takes 50 ms. */
export const timingsAt = (speed: number): Timings => ({
  stopMs: real.stopMs / speed,
  bootMs: real.bootMs / speed,
  kubeletStartMs: real.kubeletStartMs / speed,
  readyGraceMs: real.readyGraceMs / speed,
  podTerminationMs: real.podTerminationMs / speed,
  podStartMs: real.podStartMs / speed,
  packageMs: real.packageMs / speed,
  unitMs: real.unitMs / speed,
  helmMs: real.helmMs / speed,
  wrapperLockMs: real.wrapperLockMs / speed,
  silenceMs: real.silenceMs / speed,
});
