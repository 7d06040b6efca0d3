import { existsSync, readdirSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runbooks as builtIn } from '../../runbooks/index.ts';
import { UsageError } from '../core/error.ts';
import type { Runbook } from '../core/runbook.ts';
import { didYouMean } from './did-you-mean.ts';
import { table } from '../words/text.ts';

/** A runbook and where it came from; `file` is absent for those that come with drover. */
export type Registered = { readonly runbook: Runbook; readonly file?: string };

const extensions = ['.ts', '.mts', '.js', '.mjs'];
const isRunbookFile = (name: string): boolean =>
  extensions.some((extension) => name.endsWith(extension)) && !/\.(d|test)\.m?ts$/.test(name);

/** What a default export lacks to be a runbook; empty when it is one. */
const lacking = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return ['a default export made with runbook({ … })'];
  const has = (key: string, kind: string): boolean => key in value && typeof Reflect.get(value, key) === kind;
  const parses = (key: string): boolean => {
    const schema: unknown = Reflect.get(value, key);
    return typeof schema === 'object' && schema !== null && 'parse' in schema && typeof schema.parse === 'function';
  };
  return [
    ...(has('name', 'string') ? [] : ['name (a text)']),
    ...(has('version', 'number') ? [] : ['version (a number)']),
    ...(has('summary', 'string') ? [] : ['summary (a sentence)']),
    ...(has('steps', 'function') ? [] : ['steps (a function)']),
    ...(has('rollout', 'object') ? [] : ['rollout']),
    ...(has('onFailure', 'string') ? [] : ["onFailure ('pause' or 'rollback')"]),
    ...['params', 'vars'].filter((key) => !parses(key)).map((key) => `${key} (a schema: z.object({ … }))`),
  ];
};
const isRunbook = (value: unknown): value is Runbook => lacking(value).length === 0;

const folders = new Set<string>();
const self = new Map([
  ['drover', new URL('../index', import.meta.url)],
  ['drover/sim', new URL('../rehearsal/index', import.meta.url)],
]);

/**
 * Lets runbooks of a folder import `drover` without installing it there, and be TypeScript without a package.json beside them.
 *
 * Only for files in folders that hold runbooks; everybody else's imports stay as they are.
 */
const openFolder = (folder: string): void => {
  folders.add(pathToFileURL(folder + sep).href);
  if (folders.size > 1) return;
  const ours = (url: string | undefined): boolean => url !== undefined && [...folders].some((prefix) => url.startsWith(prefix));
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  registerHooks({
    resolve: (specifier, context, next) => {
      const own = self.get(specifier);
      return own && ours(context.parentURL) ? next(own.href + ending, context) : next(specifier, context);
    },
    load: (url, context, next) => {
      if (!ours(url) || url.includes('/node_modules/')) return next(url, context);
      return next(url, { ...context, format: /\.m?ts$/.test(url) ? 'module-typescript' : 'module' });
    },
  });
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // a syntax error names its place only in the first lines of its stack
  const place = error instanceof SyntaxError ? ` (${(error.stack ?? '').split('\n')[0] ?? ''})` : '';
  return `${error.message.split('\n')[0] ?? ''}${place}`;
};

/** Loads one runbook file. @throws UsageError with file and reason */
const loadFile = async (file: string, shown: string): Promise<Registered> => {
  openFolder(dirname(file));
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UsageError(`the runbook ${shown} does not load: ${reasonOf(error)}`, { cause: error });
  }
  const value: unknown = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (!isRunbook(value)) {
    throw new UsageError(`the runbook ${shown} does not load: it lacks ${lacking(value).join(', ')}`);
  }
  return { runbook: value, file };
};

/** Where runbooks are looked for besides drover's own: `runbooks/` beside fleet.yaml. */
export type RunbookPlace = { readonly cwd: string; readonly fleetPath: string | undefined };

/** drover's own runbooks, built and as they are written: whoever works in drover's folder has no runbooks of their own there. */
const ownFolders = ['../../runbooks', '../../../runbooks'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

const userFiles = ({ cwd, fleetPath }: RunbookPlace): readonly string[] => {
  const folder = join(fleetPath === undefined ? cwd : dirname(fleetPath), 'runbooks');
  if (!existsSync(folder) || ownFolders.includes(resolve(folder))) return [];
  return readdirSync(folder)
    .filter(isRunbookFile)
    .sort()
    .map((name) => join(folder, name));
};

const shownPath = (file: string, cwd: string): string => {
  const short = relative(cwd, file);
  return short.startsWith('..') ? file : short;
};

/** A runbook file that cannot be used, the name it stands for, and why. */
export type Broken = { readonly name: string; readonly error: UsageError };

/** All runbooks there are, and the files that do not load. */
export const listRunbooks = async (
  place: RunbookPlace,
): Promise<{ readonly runbooks: readonly Registered[]; readonly broken: readonly Broken[] }> => {
  const runbooks: Registered[] = builtIn.map((runbook) => ({ runbook }));
  const broken: Broken[] = [];
  for (const file of userFiles(place)) {
    const shown = shownPath(file, place.cwd);
    try {
      const loaded = await loadFile(file, shown);
      const { name } = loaded.runbook;
      const twin = runbooks.find(({ runbook }) => runbook.name === name);
      if (twin) {
        const other = twin.file === undefined ? "one of drover's own" : shownPath(twin.file, place.cwd);
        broken.push({ name, error: new UsageError(`the runbook ${shown} is called ${name}, as ${other} is: give it another name`) });
      } else runbooks.push(loaded);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      broken.push({ name: basename(file, extname(file)), error });
    }
  }
  return { runbooks, broken };
};

/** The runbook that a run names: one of drover's own, or a file of the user's by its whole path. @throws UsageError */
export const runbookOfRun = async (name: string): Promise<Runbook> => {
  if (name.includes('/')) return (await loadFile(name, name)).runbook;
  const found = builtIn.find((runbook) => runbook.name === name);
  if (!found) throw new UsageError(`this drover has no runbook ${name}: the run was started by another version; use that one`);
  return found;
};

/** How many files of a folder are named. */
const NAMED = 10;

/** Says of a folder that it is no runbook, and which files in it may be meant; undefined where no folder is. */
const folderWords = (name: string, cwd: string): string | undefined => {
  const path = resolve(cwd, name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const files = readdirSync(path).filter(isRunbookFile).sort().slice(0, NAMED);
  const inIt = files.map((file) => `\n  ${join(shownPath(path, cwd), file)}`).join('');
  return `${name} is a folder, not a runbook${inIt === '' ? '' : `; name a file in it by its path:${inIt}`}`;
};

/** Finds a runbook by its name or its file. @throws UsageError with the list, or with what keeps a file from loading */
export const findRunbook = async (name: string, place: RunbookPlace): Promise<Registered> => {
  if (name.includes('/') || (isRunbookFile(name) && existsSync(resolve(place.cwd, name)))) {
    const file = resolve(place.cwd, name);
    const folder = folderWords(name, place.cwd);
    if (folder !== undefined || !existsSync(file)) throw new UsageError(folder ?? `there is no runbook file ${name}`);
    return loadFile(file, shownPath(file, place.cwd));
  }
  const { runbooks, broken } = await listRunbooks(place);
  const suspect = broken.find((file) => file.name === name);
  if (suspect) throw suspect.error;
  const found = runbooks.find(({ runbook }) => runbook.name === name);
  if (found) return found;
  const folder = folderWords(name, place.cwd);
  if (folder !== undefined) throw new UsageError(folder);
  const near = didYouMean(
    name,
    runbooks.map(({ runbook }) => runbook.name),
  );
  const list = table(runbooks.map(({ runbook }) => [`\n  ${runbook.name}`, runbook.summary])).join('');
  const failed = broken.map(({ error }) => `\n  ${error.message}`).join('');
  const there = list === '' ? '' : `\nthere are:${list}`;
  throw new UsageError(`there is no runbook ${name}${near}${there}${failed === '' ? '' : `\nand these files do not load:${failed}`}`);
};
