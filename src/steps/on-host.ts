import { type Gate, gate } from '../core/step.ts';
import { type Container, container } from '../facts/container.ts';
import { type Sysctl, sysctl } from '../facts/sysctl.ts';
import { type Virtualization, virtualization } from '../facts/virtualization.ts';
import { type SysctlWishes, meets, valueOf, wishWords } from './sysctl-wish.ts';

/** What a container cannot do for itself, and its host has to have done. */
export type OnHost = {
  /** The host, as people call it. */
  readonly host: string;
  readonly modules: readonly string[];
  readonly sysctls: SysctlWishes;
};

type State = { readonly container: Container; readonly sysctl: Sysctl };

/** The node is a container, of one of these kinds. Source: systemd-detect-virt(1). */
export const isContainer = (kinds: readonly string[]): Gate =>
  gate<Virtualization>({
    id: 'preflight:container',
    title: `is a container (${kinds.join(', ')})`,
    wish: kinds.toSorted(),
    observe: () => virtualization(),
    unmet: ({ container: is, vm }) => {
      if (kinds.includes(is)) return [];
      if (is === 'none')
        return [`is no container, but ${vm === 'none' ? 'a machine' : `a virtual machine (${vm})`}: it has a kernel of its own`];
      return is === 'unknown' ? ['nothing tells whether it is a container'] : [`is a container, but of another kind: ${is}`];
    },
  });

/**
 * The host of a container has loaded the modules and set the sysctls that it needs; a container can do neither.
 *
 * What is missing is said with the host's name and the command to be run there, before anything is touched. A bound is met by a value beyond it.
 * A container whose boot id is its host's is refused as well: nobody could tell whether it has restarted.
 */
export const onHost = ({ host, modules, sysctls }: OnHost): Gate => {
  const keys = Object.keys(sysctls);
  return gate<State>({
    id: 'preflight:on-host',
    title: `its host has ${[...modules, ...keys].join(', ')}`,
    wish: { host, modules: modules.toSorted(), sysctls: { ...sysctls } },
    observe: () => ({ all: { container: container(modules), sysctl: sysctl(keys) } }),
    unmet: ({ container: now, sysctl: { keys: live } }, _before, { node }) => {
      const missing = modules.filter((name) => !now.modules.includes(name));
      return [
        ...(missing.length === 0
          ? []
          : [
              `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not loaded, and a container cannot load modules: on ${host}, lxc config set ${node.name} linux.kernel_modules=${modules.join(',')} and restart the container`,
            ]),
        ...Object.entries(sysctls).flatMap(([key, wish]) => {
          const value = live[key]?.live ?? null;
          return meets(wish, value)
            ? []
            : [
                `${key} is ${value ?? 'not there'}, not ${wishWords(wish)}, and it belongs to the host: on ${host}, sysctl -w ${key}=${valueOf(wish)}, and the same line in a file of its /etc/sysctl.d`,
              ];
        }),
        ...(now.bootId === 'own'
          ? []
          : [
              `has the boot id of its host, so nobody can tell whether it has restarted: on ${host}, LXC 4.0 or later gives it one of its own`,
            ]),
      ];
    },
  });
};
