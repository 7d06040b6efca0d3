/** A systemd service unit: what its files say and whether it runs. */
export type Unit = {
  readonly description: string;
  /** UnitFileState: `static` units have no [Install] section. */
  file: 'enabled' | 'disabled' | 'static' | 'masked';
  active: 'active' | 'inactive' | 'failed';
  /** When `active` last changed, in the clock's milliseconds. */
  since: number;
  mainPid: number;
};

/** A unit that is installed and does not run. */
export const unit = (description: string, file: Unit['file']): Unit => ({ description, file, active: 'inactive', since: 0, mainPid: 0 });

/** The full name: `kubelet` means `kubelet.service`. */
export const unitName = (name: string): string => (/\.(service|target|timer|socket|mount)$/.test(name) ? name : `${name}.service`);

/** Starts or stops a unit; what is already so is left alone. */
export const setActive = (one: Unit, active: Unit['active'], now: number, pid: number): void => {
  if (one.active === active) return;
  one.active = active;
  one.since = now;
  one.mainPid = active === 'active' ? pid : 0;
};
