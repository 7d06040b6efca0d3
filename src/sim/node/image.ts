import { type Entry, textFile } from './files.ts';
import type { Distro, Machine } from './machine.ts';
import type { Package } from './packages.ts';
import { type Unit, unit } from './units.ts';

/** What a freshly installed system of a kind looks like. */
export type Image = {
  readonly kernels: readonly string[];
  readonly selinux: boolean;
  readonly installed: Readonly<Record<string, Package>>;
  readonly available: Readonly<Record<string, Package>>;
  /** Where NetworkManager keeps the connection of a device. */
  connectionFile(connection: string): string;
  readonly files: Readonly<Record<string, Entry>>;
};

const folder: Entry = { kind: 'directory', mode: 0o755, owner: 'root', group: 'root' };
const plain = (version: string, arch = 'x86_64'): Package => ({ version, arch });
const vmtoolsd = { name: 'vmtoolsd.service', description: 'Service for virtual machines hosted on VMware' } as const;

const common: Readonly<Record<string, Entry>> = {
  '/root': { ...folder, mode: 0o550 },
  '/tmp': { ...folder, mode: 0o1777 },
  '/usr/bin': folder,
  '/usr/lib/modules-load.d': folder,
  '/etc/modules-load.d': folder,
  '/etc/modprobe.d': folder,
  '/etc/NetworkManager/system-connections': folder,
  '/etc/systemd/system': folder,
  '/etc/kubernetes/kubelet.conf': textFile('apiVersion: v1\nkind: Config\n', 0o600),
  '/etc/sysctl.conf': textFile('# local settings\n'),
  // all of them but Debian 13 and what came after have it; without it systemd does not read /etc/sysctl.conf
  '/etc/sysctl.d/99-sysctl.conf': { kind: 'symlink', target: '../sysctl.conf', mode: 0o777, owner: 'root', group: 'root' },
  '/etc/sysctl.d/90-kubernetes.conf': textFile('net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\n'),
  '/var/lib/kubelet': folder,
  '/proc/cmdline': textFile('BOOT_IMAGE=/vmlinuz root=/dev/sda2 ro quiet\n', 0o444),
  '/proc/1/environ': textFile('TERM=linux\0', 0o400),
};

/** CentOS 8 as field report F1 has it: dnf and rpm, SELinux, ifcfg files. */
const el8: Image = {
  kernels: ['4.18.0-305.el8.x86_64'],
  selinux: true,
  installed: {
    bash: plain('4.4.20-1.el8'),
    NetworkManager: plain('1.30.0-7.el8'),
    'kernel-core': plain('4.18.0-305.el8'),
    kmod: plain('25-17.el8'),
    kubelet: plain('1.30.4-150500.1.1'),
    'containerd.io': plain('1.6.33-3.1.el8'),
  },
  available: {
    'open-vm-tools': { version: '11.3.5-1.el8', arch: 'x86_64', units: [{ ...vmtoolsd, file: 'disabled', starts: false }] },
    'kernel-core': { version: '4.18.0-348.el8', arch: 'x86_64', kernel: '4.18.0-348.el8.x86_64' },
    'bash-completion': plain('2.7-5.el8', 'noarch'),
    'containerd.io': plain('1.6.36-3.1.el8'),
  },
  connectionFile: (connection) => `/etc/sysconfig/network-scripts/ifcfg-${connection}`,
  files: {
    ...common,
    '/etc/os-release': textFile(
      'NAME="CentOS Linux"\nVERSION="8"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="8"\nPLATFORM_ID="platform:el8"\nPRETTY_NAME="CentOS Linux 8"\n',
    ),
    '/etc/sysconfig/network-scripts': folder,
  },
};

/** CentOS 7 as field report F6 has it: docker, and scripts that load modules. */
const el7: Image = {
  ...el8,
  kernels: ['3.10.0-1160.el7.x86_64'],
  installed: {
    bash: plain('4.2.46-35.el7_9'),
    NetworkManager: plain('1.18.8-2.el7_9'),
    kernel: plain('3.10.0-1160.el7'),
    kmod: plain('20-28.el7'),
    kubelet: plain('1.23.17-0'),
    'docker-ce': plain('20.10.24-3.el7'),
  },
  available: { 'bash-completion': plain('2.1-8.el7', 'noarch') },
  files: {
    ...el8.files,
    '/etc/os-release': textFile(
      'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7 (Core)"\n',
    ),
    '/etc/sysconfig/modules': folder,
  },
};

/** Oracle Linux 8 as field report F4 has it. */
const ol8: Image = {
  ...el8,
  kernels: ['5.15.0-100.96.32.el8uek.x86_64'],
  installed: { ...el8.installed, 'kernel-uek-core': plain('5.15.0-100.96.32.el8uek') },
  files: {
    ...el8.files,
    '/etc/os-release': textFile(
      'NAME="Oracle Linux Server"\nVERSION="8.7"\nID="ol"\nID_LIKE="fedora"\nVERSION_ID="8.7"\nPLATFORM_ID="platform:el8"\nPRETTY_NAME="Oracle Linux Server 8.7"\n',
    ),
  },
};

/** Debian 12: apt and dpkg, no SELinux, keyfiles. */
const debian12: Image = {
  kernels: ['6.1.0-25-cloud-amd64'],
  selinux: false,
  installed: {
    bash: plain('5.2.15-2+b7', 'amd64'),
    'network-manager': plain('1.42.4-1', 'amd64'),
    'linux-image-cloud-amd64': plain('6.1.106-3', 'amd64'),
    kmod: plain('30+20221128-1', 'amd64'),
    kubelet: plain('1.36.3-1.1', 'amd64'),
    containerd: plain('1.6.20~ds1-1+b1', 'amd64'),
  },
  available: {
    'open-vm-tools': { version: '2:12.2.0-1+deb12u2', arch: 'amd64', units: [{ ...vmtoolsd, file: 'enabled', starts: true }] },
    'linux-image-cloud-amd64': { version: '6.1.112-1', arch: 'amd64', kernel: '6.1.0-26-cloud-amd64' },
    'bash-completion': plain('1:2.11-6', 'all'),
  },
  connectionFile: (connection) => `/etc/NetworkManager/system-connections/${connection}.nmconnection`,
  files: {
    ...common,
    '/etc/os-release': textFile(
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    ),
    '/etc/modules': textFile('# /etc/modules: kernel modules to load at boot time.\n'),
    '/etc/modules-load.d/modules.conf': { kind: 'symlink', target: '../modules', mode: 0o777, owner: 'root', group: 'root' },
  },
};

const images: Readonly<Record<Distro, Image>> = { el7, el8, ol8, debian12 };

const arm = (text: string): string => text.replace('x86_64', 'aarch64').replace('amd64', 'arm64');
const armed = (packages: Image['installed']): Image['installed'] =>
  Object.fromEntries(
    Object.entries(packages).map(([name, one]) => [
      arm(name),
      { ...one, arch: arm(one.arch), ...(one.kernel !== undefined && { kernel: arm(one.kernel) }) },
    ]),
  );

/** What a freshly installed system of a distribution looks like on a processor. */
export const imageOf = (distro: Distro, arch: Machine['arch']): Image => {
  const image = images[distro];
  if (arch === 'x86_64') return image;
  return { ...image, kernels: image.kernels.map(arm), installed: armed(image.installed), available: armed(image.available) };
};

/** The units that every node has, running once it has booted. Debian's sshd is called ssh, with sshd as an alias. */
export const nodeUnits = (distro: Distro): Map<string, Unit> => {
  const sshd = unit('OpenSSH server daemon', 'enabled');
  return new Map<string, Unit>([
    ['kubelet.service', unit('kubelet: The Kubernetes Node Agent', 'enabled')],
    distro === 'el7'
      ? ['docker.service', unit('Docker Application Container Engine', 'enabled')]
      : ['containerd.service', unit('containerd container runtime', 'enabled')],
    ...(distro === 'el7' ? ([['rhel-loadmodules.service', unit('Load legacy module configuration', 'enabled')]] as const) : []),
    ['NetworkManager.service', unit('Network Manager', 'enabled')],
    ...(distro === 'debian12' ? ([['ssh.service', sshd]] as const) : []),
    ['sshd.service', sshd],
    ['systemd-modules-load.service', unit('Load Kernel Modules', 'static')],
    ['systemd-sysctl.service', unit('Apply Kernel Variables', 'static')],
  ]);
};
