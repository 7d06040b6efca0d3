import { UsageError } from '../core/error.ts';
import type { Change } from '../core/step.ts';
import { daemonSets } from './daemon-set.ts';

/** A DaemonSet that loads modules wherever a node comes up. */
export type ModuleLoaderWish = {
  readonly namespace: string;
  readonly name: string;
  /** Any image with chroot and sh that runs on all nodes' processors: what loads the modules is the node's own modprobe. */
  readonly image: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
};

const moduleRule = /^\w[\w-]*$/;
const MODPROBE = ['chroot', '/host', '/sbin/modprobe', '-a'] as const;

/**
 * Applies a DaemonSet whose pods load modules when they start: for nodes that do not exist yet, such as those of an autoscaler.
 *
 * A pod runs the node's own modprobe(8) over the node's file system, so that compressed modules and any processor are no concern of the image; it is
 * privileged and can do anything on its node. Nothing orders it before other pods of the node: what needs the modules tries again until they are there.
 */
export const moduleLoader = ({ namespace, name, image, required, optional }: ModuleLoaderWish): Change => {
  const wrong = [...required, ...optional].find((module) => !moduleRule.test(module));
  if (wrong !== undefined) throw new UsageError(`moduleLoader: ${wrong} is not the name of a module`);
  const labels = { 'app.kubernetes.io/name': name };
  const init = (step: string, command: readonly string[]) => ({
    name: step,
    image,
    command: [...command],
    securityContext: { privileged: true },
    volumeMounts: [{ name: 'host', mountPath: '/host', readOnly: true }],
  });
  // the names are arguments of sh, so that none of them is read as a command
  const some = ['chroot', '/host', '/bin/sh', '-c', '/sbin/modprobe -a "$@" || true', 'sh', ...optional];
  return daemonSets.applied({
    namespace,
    name,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          initContainers: [
            ...(required.length > 0 ? [init('required', [...MODPROBE, ...required])] : []),
            ...(optional.length > 0 ? [init('optional', some)] : []),
          ],
          containers: [
            {
              name: 'done',
              image,
              command: ['sh', '-c', 'trap exit TERM; while :; do sleep 3600 & wait; done'],
              resources: { requests: { cpu: '1m', memory: '8Mi' } },
            },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          volumes: [{ name: 'host', hostPath: { path: '/' } }],
        },
      },
    },
  });
};
