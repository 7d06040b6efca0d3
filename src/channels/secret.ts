import { readFile } from 'node:fs/promises';
import type { SecretRef } from '../core/command.ts';
import { UsageError } from '../core/error.ts';

/** The controller's environment, handed down from where the program starts. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The secret that a reference names. @throws UsageError that names the reference, when it is not there */
export const resolveSecret = async (ref: SecretRef, env: Environment): Promise<string> => {
  if ('env' in ref) {
    const value = env[ref.env];
    if (value === undefined)
      throw new UsageError(`the environment variable ${ref.env}, which holds a secret, is not set; set it where drover runs`);
    return value;
  }
  try {
    return (await readFile(ref.file, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new UsageError(`the file ${ref.file}, which holds a secret, cannot be read; make it readable where drover runs`, { cause });
  }
};
