import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { notNow } from './answer.ts';

/** The containerd that is installed, as its own client tells, and the one that runs. Null: not there, or does not answer. */
export type RuntimeVersion = { readonly installed: string | null; readonly running: string | null };

const versionOf = (section: string | undefined): string | null => /^ +Version: +(\S+)$/m.exec(section ?? '')?.[1] ?? null;

/**
 * Reads `RuntimeVersion`: the running server is asked over its socket, because what `containerd --version` tells is only the file on the disk.
 *
 * The client comes with the same package as the server. Source: ctr(8), `ctr version`.
 */
export const runtimeVersion = (): Fact<RuntimeVersion> =>
  reading(sh`timeout 20 ctr version`, (result) => {
    if (result.exitCode === 127) return { installed: null, running: null };
    const [client, server] = result.stdout.split(/^Server:$/m);
    const installed = versionOf(client);
    if (installed === null) throw notNow('the version of containerd', result);
    return { installed, running: versionOf(server) };
  });
