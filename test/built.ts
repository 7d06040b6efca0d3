import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['src/**', 'workers/**', 'runbooks/**', 'scripts/bundle*', 'package-lock.json', 'tsconfig*.json'];
const changedAt = (path: string): number => statSync(`${root}${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Makes dist/ anew where a source is newer than it: what starts a command line starts what a user does, which also costs half of the sources. */
export const setup = (): void => {
  const built = changedAt('dist/.built');
  if (!sources.some((pattern) => globSync(pattern, { cwd: root }).some((path) => changedAt(path) > built))) return;
  const { status, stderr, stdout } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed: ${stdout}${stderr}`);
};
