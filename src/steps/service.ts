import { sh } from '../core/command.ts';
import type { Duration } from '../core/duration.ts';
import { type Change, change } from '../core/step.ts';
import { type Service, service as serviceState } from '../facts/service.ts';

const WITHIN: Duration = '2m';

const isUp = ({ active }: Service): boolean => active === 'active' || active === 'reloading';
const isDown = ({ active }: Service): boolean => active === 'inactive' || active === 'failed';
/** Starts at boot, or cannot be told to: a static unit is started by others. Source: systemctl(1), is-enabled. */
const isEnabled = ({ enabled }: Service): boolean => /^(enabled|enabled-runtime|static|alias|indirect|generated|transient)$/.test(enabled);

const missing = (name: string, { load }: Service): readonly string[] => {
  if (load === 'not-found') return [`there is no unit ${name} on this node`];
  return load === 'masked' ? [`${name} is masked: systemctl unmask ${name} first`] : [];
};

/** Stops a service; it stays enabled, so that a boot starts it again. */
const stopped = (name: string, options: { readonly within?: Duration } = {}): Change =>
  change<Service>({
    id: `service:${name}:stopped`,
    title: `stop ${name}`,
    wish: { active: false, unit: name },
    within: options.within ?? WITHIN,
    observe: () => serviceState(name),
    // a name with a typing mistake must not pass for a service that is stopped
    unmet: (now) => (now.load === 'not-found' ? missing(name, now) : isDown(now) ? [] : [`${name} is ${now.active} (${now.sub})`]),
    apply: () => [sh`systemctl stop ${name}`],
    rollback: (before) => (isUp(before) ? [sh`systemctl start ${name}`] : []),
    restored: (now, before) => (isUp(before) && !isUp(now) ? [`${name} is ${now.active} (${now.sub}), was ${before.active} before`] : []),
  });

/** Starts a service and enables it, so that it also comes up at boot. The way back restores both. */
const running = (name: string, options: { readonly within?: Duration } = {}): Change =>
  change<Service>({
    id: `service:${name}:running`,
    title: `run ${name}, also at boot`,
    wish: { active: true, enabled: true, unit: name },
    within: options.within ?? WITHIN,
    observe: () => serviceState(name),
    unmet: (now) => {
      const absent = missing(name, now);
      if (absent.length > 0) return absent;
      return [
        ...(isUp(now) ? [] : [`${name} is ${now.active} (${now.sub})`]),
        ...(isEnabled(now) ? [] : [`${name} is ${now.enabled === '' ? 'not enabled' : now.enabled}`]),
      ];
    },
    apply: () => [sh`systemctl enable --now ${name}`],
    rollback: (before) => {
      if (isUp(before) && isEnabled(before)) return [];
      if (isUp(before)) return [sh`systemctl disable ${name}`];
      return isEnabled(before) ? [sh`systemctl stop ${name}`] : [sh`systemctl disable --now ${name}`];
    },
    restored: (now, before) => [
      ...(isUp(now) === isUp(before) ? [] : [`${name} is ${now.active}, was ${before.active} before`]),
      ...(isEnabled(now) === isEnabled(before)
        ? []
        : [`${name} is ${now.enabled}, was ${before.enabled === '' ? 'not there' : before.enabled} before`]),
    ],
  });

/** Steps about systemd services. */
export const service = { stopped, running } as const;
