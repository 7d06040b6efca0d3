import type { NodeCommand } from '../../core/command.ts';
import { type Environment, resolveSecret } from '../secret.ts';
import type { PlainCommand } from './script.ts';

/** Replaces secrets by `***`, the longest first; a secret of several lines also line by line, since output is shown so. */
export type Mask = (text: string) => string;

/** Makes a mask for these values. */
export const maskOf = (values: readonly string[]): Mask => {
  const parts = values.flatMap((value) => [value, ...value.split(/\r?\n/)]).filter((part) => part.trim() !== '');
  const ordered = [...new Set(parts)].sort((a, b) => b.length - a.length);
  return ordered.length === 0 ? (text) => text : (text) => ordered.reduce((masked, part) => masked.replaceAll(part, '***'), text);
};

const none = {};

/** Resolves the secrets of commands right before they are sent. @throws UsageError when one is not there */
export const resolveSecrets = async (
  commands: readonly NodeCommand[],
  env: Environment,
): Promise<{ readonly plain: readonly PlainCommand[]; readonly mask: Mask }> => {
  const plain = await Promise.all(
    commands.map(async ({ text, stdin = '', durable = false, secrets }): Promise<PlainCommand> => {
      const entries = Object.entries(secrets ?? {}).map(async ([name, ref]) => [name, await resolveSecret(ref, env)] as const);
      return { text, stdin, durable, secrets: entries.length === 0 ? none : Object.fromEntries(await Promise.all(entries)) };
    }),
  );
  return { plain, mask: maskOf(plain.flatMap((command) => Object.values(command.secrets))) };
};
