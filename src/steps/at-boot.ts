import type { Change, Gate } from '../core/step.ts';

/**
 * Has a change take effect at the next boot, and be proven there: `atBoot(file('/etc/tmpfiles.d/kmsg.conf', …), deviceThere)`.
 *
 * Needs a `reboot()` behind it.
 */
export const atBoot = (change: Change, proof: Gate): Change => ({ ...change, takesEffect: 'boot', proof });
