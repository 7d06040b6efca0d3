import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { run } from './process.ts';
import { say } from './log.ts';

/** The folder with the Kubernetes binaries, from KUBEBUILDER_ASSETS. */
export const assets = (): string => process.env['KUBEBUILDER_ASSETS'] ?? '';

const binaries = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kubectl',
  'helm',
  'pause.tar',
  'sleeper.tar',
] as const;

/** Programs of the machine, and the Debian packages that have them. */
const programs = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  'dpkg-deb': 'dpkg',
  'mkfs.ext4': 'e2fsprogs',
  zstd: 'zstd',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  ip: 'iproute2',
  setpriv: 'util-linux',
  openssl: 'openssl',
  tar: 'tar',
  'redis-server': 'redis-server',
} as const;

const isThere = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};
const have = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].some((folder) => folder !== '' && isThere(path.join(folder, program)));
const missingPackages = (): string[] => [
  ...new Set(
    Object.entries(programs)
      .filter(([program]) => !have(program))
      .map(([, name]) => name),
  ),
];

const whereFrom = `  etcd, kube-apiserver, kubectl   setup-envtest (sigs.k8s.io/controller-runtime/tools/setup-envtest): setup-envtest use -p path
  kube-controller-manager, kube-scheduler, kubelet   the same version from https://dl.k8s.io/vVERSION/bin/linux/amd64/
  helm        https://github.com/helm/helm/releases
  pause.tar   an image archive of registry.k8s.io/pause:3.10 (docker save)
  sleeper.tar an image archive of lab.local/sleeper:1, any image whose entrypoint sleeps until SIGTERM`;

/**
 * Installs what apt can give, and says in one message what else the lab lacks here.
 *
 * @returns the message, or null when everything is there.
 */
export const missing = async (): Promise<string | null> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the lab boots x86-64 machines with qemu, and needs Linux on x86-64 itself';
  if (process.getuid?.() !== 0) return 'the lab needs root: it makes a network namespace, bridges and taps, and a Debian image';
  const lacking = binaries.filter((name) => assets() === '' || !isThere(path.join(assets(), name)));
  if (lacking.length > 0) {
    const where =
      assets() === '' ? 'KUBEBUILDER_ASSETS is not set to a folder with them' : `they are not in KUBEBUILDER_ASSETS=${assets()}`;
    return `the lab needs ${lacking.join(', ')}, and ${where}. Where to get them:\n${whereFrom}`;
  }
  if (!isThere('/dev/net/tun'))
    return 'the lab needs /dev/net/tun for the taps of its machines: modprobe tun, or give the container that device';
  const wanted = missingPackages();
  if (wanted.length > 0 && have('apt-get')) {
    say(`apt-get install ${wanted.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env, timeoutMs: 300_000 });
    const options = ['install', '-y', '-qq', '--no-install-recommends', ...wanted];
    const { exitCode, stderr } = await run('apt-get', options, { env, timeoutMs: 900_000 });
    if (exitCode !== 0) return `apt-get install ${wanted.join(' ')} failed: ${stderr.trim()}`;
  }
  const still = missingPackages();
  return still.length > 0 ? `the lab needs programs of these packages: ${still.join(', ')}; install them` : null;
};
