import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { UsageError } from '../core/error.ts';
import type { Env } from './context.ts';

/** Names the folder in which drover keeps its private Redis and pins: DROVER_STATE_DIR, else as the XDG base directories say. */
export const stateDirPath = (env: Env, home: string): string => {
  const own = env['DROVER_STATE_DIR'];
  if (own !== undefined && own !== '') return resolve(own);
  const xdg = env['XDG_STATE_HOME'];
  // the specification says that a relative path there is to be ignored
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'state'), 'drover');
};

/** Makes the state folder if need be, for its owner only (0700). @throws UsageError when it cannot be made or is not ours */
export const stateDir = (env: Env, home: string): string => {
  const path = stateDirPath(env, home);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(path);
    if (process.getuid && uid !== process.getuid()) {
      throw new UsageError(`the state folder ${path} belongs to user id ${uid}; set DROVER_STATE_DIR to a folder of your own`);
    }
    if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the state folder ${path} cannot be used: ${why}; set DROVER_STATE_DIR to a folder that can be written`, {
      cause: error,
    });
  }
  return path;
};
