import { known } from '../../src/core/fact.ts';
import { type Activation, type Change, type Gate, activation, gate } from '../../src/core/step.ts';

/** Asks nothing, and finds nothing against it. */
const content = { observe: () => known(null), unmet: () => [] };

/** A change that is met and does nothing. */
export const stubChange = (id: string, more: Partial<Change> = {}): Change => ({
  kind: 'change',
  id,
  title: id,
  wish: id,
  ...content,
  apply: () => [],
  rollback: () => [],
  ...more,
});

/** A gate that is open. */
export const stubGate = (id: string, more: Partial<Gate> = {}): Gate => ({ ...gate({ id, title: id, wish: id, ...content }), ...more });

/** A reboot that is not needed. */
export const stubReboot = (id = 'reboot', more: Partial<Activation> = {}): Activation => ({
  ...activation({ id, title: id, wish: id, boots: true, ...content, apply: () => [] }),
  ...more,
});
