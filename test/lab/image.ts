import path from 'node:path';
import { cached, hashOf, hashOfFolder } from './cache.ts';
import { timed } from './log.ts';
import { must } from './process.ts';
import { assets } from './requirements.ts';

const recipe = path.join(import.meta.dirname, 'image');

/** The name of the image that this recipe and this kubelet make. */
export const imageName = async (): Promise<string> => {
  const kubelet = await must(path.join(assets(), 'kubelet'), ['--version']);
  return `image-${hashOf([await hashOfFolder(recipe), kubelet])}`;
};

/** The folder with the node image (base.qcow2, vmlinuz, initrd), built on the first call: about a minute. */
export const ensureImage = async (): Promise<string> =>
  cached(await imageName(), async (folder) => {
    await timed('built the node image', () =>
      must(path.join(recipe, 'build'), [folder, path.join(assets(), 'kubelet')], { timeoutMs: 1_200_000 }),
    );
  });
