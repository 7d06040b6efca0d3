/** The power goes once the guard of an address move has written so often while it is armed, changes places or ends; or in the middle of a boot. */
export type PowerCut = { readonly during: 'arm' | 'switch' | 'end' | 'boot'; writes: number };

/** What can go wrong with one node, on demand. All of it may be changed while the simulation runs. */
export type NodeFaults = {
  /** Goes down for a reboot and stays down, until somebody resets it. */
  neverBoots?: boolean;
  /** NetworkManager brings up what it had before the reboot: the configuration does not take. */
  bootsAtOldAddress?: boolean;
  /**
   * After the next boot another machine answers where the node should: with a host key of its own, a clone with another machine-id, or a
   * clone that only its hardware tells apart.
   */
  strangerAfterBoot?: 'host-key' | 'machine-id' | 'product-uuid';
  /**
   * Cuts the connection at the N-th mutating command, counted from 1: before it ran, or after it ran and before its exit status is out;
   * `during` cuts right after a durable command has begun, and is as `after` for another one.
   */
  sever?: { readonly command: number; readonly when: 'before' | 'during' | 'after' };
  /** systemd is not at work: durable commands run attached to their connection. */
  noSystemd?: boolean;
  /** Modules that are not loaded at boot, whatever is configured. */
  modulesNotLoadedAtBoot?: readonly string[];
  /** The same for the next boot only. */
  modulesNotLoadedOnce?: readonly string[];
  /** A drop-in of its unit starts another containerd than the packaged one: this version runs, whatever is installed. */
  containerdRuns?: string;
  diskFull?: boolean;
  powerCut?: PowerCut;
  /** Somebody else holds the package manager's lock until this time of the clock. */
  packageLockUntil?: number;
  /** Somebody else holds the lock file of drover's wrapper until this time of the clock. */
  wrapperLockUntil?: number;
  /** Every command takes this much longer, in milliseconds. */
  slowMs?: number;
};
