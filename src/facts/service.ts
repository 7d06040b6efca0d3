import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, notNow } from './answer.ts';

/**
 * A systemd unit: `load` is loaded, not-found, masked …; `active` is active, inactive, failed, activating …; `enabled` is the unit file's state
 * (enabled, disabled, static …), empty when there is no file.
 */
export type Service = { readonly active: string; readonly enabled: string; readonly load: string; readonly sub: string };

/** Reads a unit's state; a unit that does not exist has `load: 'not-found'`. Source: systemctl(1), org.freedesktop.systemd1(5). */
export const service = (name: string): Fact<Service> =>
  reading(sh`LC_ALL=C systemctl show -p LoadState,ActiveState,SubState,UnitFileState ${name}`, (result) => {
    const values = new Map(
      lines(result.stdout).map((line): [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    const active = values.get('ActiveState');
    if (result.exitCode !== 0 || active === undefined) throw notNow(`the state of the unit ${name}`, result);
    return {
      active,
      enabled: values.get('UnitFileState') ?? '',
      load: values.get('LoadState') ?? '',
      sub: values.get('SubState') ?? '',
    };
  });
