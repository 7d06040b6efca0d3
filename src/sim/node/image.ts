import { type Entry, textFile } from './files.ts';
import type { Distro } from './machine.ts';
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

/** The systems that the simulator knows. */
export const images: Readonly<Record<Distro, Image>> = { el8, debian12 };

/** The units that every node has, running once it has booted. Debian's sshd is called ssh, with sshd as an alias. */
export const nodeUnits = (distro: Distro): Map<string, Unit> => {
  const sshd = unit('OpenSSH server daemon', 'enabled');
  return new Map([
    ['kubelet.service', unit('kubelet: The Kubernetes Node Agent', 'enabled')],
    ['containerd.service', unit('containerd container runtime', 'enabled')],
    ['NetworkManager.service', unit('Network Manager', 'enabled')],
    ...(distro === 'debian12' ? ([['ssh.service', sshd]] as const) : []),
    ['sshd.service', sshd],
    ['systemd-modules-load.service', unit('Load Kernel Modules', 'static')],
    ['systemd-sysctl.service', unit('Apply Kernel Variables', 'static')],
  ]);
};
