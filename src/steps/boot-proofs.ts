import { type Gate, gate } from '../core/step.ts';
import { type FileState, file } from '../facts/file.ts';
import { mountPropagation } from '../facts/mount-propagation.ts';

/** The proof of whatever makes a path at boot: it is there, be it a file, a link or a device. */
export const pathThere = (path: string): Gate =>
  gate<FileState>({
    id: `there:${path}`,
    title: `${path} is there`,
    wish: path,
    within: '20s',
    observe: () => file(path),
    unmet: (now) => (now.is === 'absent' ? [`${path} is not there on this boot`] : []),
  });

/** The proof of `mount --make-shared`: what is mounted below reaches the containers that share it. */
export const mountShared = (path: string): Gate =>
  gate<string>({
    id: `mount-shared:${path}`,
    title: `${path} is mounted shared`,
    wish: path,
    within: '20s',
    observe: () => mountPropagation(path),
    unmet: (now) => (now.split(',').includes('shared') ? [] : [`${path} is mounted ${now} on this boot, not shared`]),
  });
