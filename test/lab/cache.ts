import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** The lab's cache: DROVER_LAB_CACHE, else drover-lab in the user's cache folder. */
export const cacheFolder = (): string =>
  process.env['DROVER_LAB_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'drover-lab');

/** A short hash of texts, to name what was made from them. */
export const hashOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);

/** The hash of all files below a folder: names, executable bits and contents. */
export const hashOfFolder = async (folder: string): Promise<string> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const parts = files.toSorted().map(async (file) => {
    const [{ mode }, content] = await Promise.all([stat(file), readFile(file)]);
    return `${path.relative(folder, file)} ${mode & 0o100} ${createHash('sha256').update(content).digest('hex')}`;
  });
  return hashOf(await Promise.all(parts));
};

const dayMs = 24 * 3_600_000;

/** Removes what nobody has used for two weeks (each change of a recipe leaves a gigabyte behind), and builds that were killed. */
const prune = async (): Promise<void> => {
  for (const name of await readdir(cacheFolder())) {
    const folder = path.join(cacheFolder(), name);
    const keepMs = name.includes('.partial-') ? dayMs : 14 * dayMs;
    if (/^(image|ready)-/.test(name) && Date.now() - (await stat(folder)).mtimeMs > keepMs) await rm(folder, { recursive: true });
  }
};

/**
 * The folder `name` in the cache, made by `make` if it is not there yet.
 *
 * It appears by one rename when it is complete, so a build that was cut off leaves nothing that counts. Of two builds at once the first wins.
 */
export const cached = async (name: string, make: (folder: string) => Promise<void>): Promise<string> => {
  const folder = path.join(cacheFolder(), name);
  const now = new Date();
  const used = await utimes(folder, now, now).then(
    () => true,
    () => false,
  );
  if (used) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  await prune();
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    await make(partial);
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!(await stat(folder).catch(() => undefined))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
};
