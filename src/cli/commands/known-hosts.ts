import { ConnectionError } from '../../core/error.ts';
import { type SshSettings, noSshSettings } from '../../core/event.ts';
import type { Node } from '../../core/node.ts';
import type { Entry } from '../../channels/ssh/known-hosts-entry.ts';
import type { Cli } from '../context.ts';
import { type Drover, openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import { type Fleet, findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag } from '../flags.ts';
import { inParallel } from '../in-parallel.ts';
import { targetOf } from '../reach-node.ts';
import { findRun } from '../say.ts';

/** The flags of `drover known-hosts`. */
export type KnownHostsFlags = FleetFlags & JsonFlag & { readonly write?: boolean };

type Meant = { readonly node: Node; readonly settings: SshSettings };

const HELLO_MS = 20_000;

/** The inventory, where there is one: runs know their nodes without. */
const fleetOf = (cli: Cli, flags: KnownHostsFlags, needed: boolean): Fleet | undefined => {
  try {
    return loadFleet(findFleet({ flag: flags.fleet, env: cli.env, cwd: cli.cwd }), cli.home, cli.cwd);
  } catch (error) {
    if (needed || flags.fleet !== undefined) throw error;
    return undefined;
  }
};

/** The nodes that are meant: by their own names, or all of a run, or all of the inventory. @throws UsageError */
const meantBy = async (cli: Cli, drover: Drover, flags: KnownHostsFlags, words: readonly string[]): Promise<readonly Meant[]> => {
  const fleet = fleetOf(cli, flags, words.length === 0);
  const all: readonly Meant[] = fleet?.nodes.map((node) => ({ node, settings: fleet.ssh })) ?? [];
  if (words.length === 0) return all;
  const found = new Map<string, Meant>();
  for (const word of words) {
    const one = all.find(({ node }) => node.name === word);
    const { spec } = one ? { spec: undefined } : await findRun(drover, word);
    for (const meant of one ? [one] : (spec?.nodes ?? []).map((node) => ({ node, settings: spec?.ssh ?? noSshSettings })))
      found.set(meant.node.name, meant);
  }
  return [...found.values()];
};

/** Prints what known_hosts lacks of the addresses at which nodes answer now, or adds it; each key is that of a connection that was checked. */
export async function knownHosts(this: Cli, flags: KnownHostsFlags, ...words: string[]): Promise<void> {
  const { entryFor, appendKnownHosts } = await import('../../channels/ssh/known-hosts-entry.ts');
  await using drover = await openDrover(this, 'known-hosts');
  const signal = this.interrupted();
  const note = (line: string): void => this.stderr.write(`drover: ${line}\n`);
  const missed: string[] = [];
  const entries = await inParallel(await meantBy(this, drover, flags, words), async ({ node, settings }): Promise<Entry[]> => {
    const login = { settings, home: this.home, agent: this.env['SSH_AUTH_SOCK'] };
    try {
      return [await entryFor(await targetOf(drover.station.memory, node), login, { signal, timeoutMs: HELLO_MS })];
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      missed.push(error.message);
      return [];
    }
  });
  const all = entries.flat();
  for (const { node, address, line, file, others } of all) {
    if (others.length > 0)
      note(`${address} is ${node} now, but ${others.join(', ')} has another key for it: ssh-keygen -R ${address} removes that first`);
    if (line !== null && file === null) note(`${node}: ssh keeps no known_hosts (UserKnownHostsFile)`);
  }
  const byFile = Map.groupBy(
    all.filter(({ line, file }) => line !== null && file !== null),
    ({ file }) => file ?? '',
  );
  for (const [file, added] of byFile) {
    if (flags.write === true)
      await appendKnownHosts(
        file,
        added.flatMap(({ stored }) => stored ?? []),
      );
    if (flags.json === true) continue;
    for (const { line } of added) this.stdout.write(flags.write === true ? `added to ${file}: ${line ?? ''}\n` : `${line ?? ''}\n`);
  }
  if (flags.json === true) this.stdout.write(`${JSON.stringify({ entries: all, missed, written: flags.write === true })}\n`);
  else if (byFile.size === 0 && missed.length === 0) note('known_hosts has all of them');
  for (const line of missed) note(line);
  if (signal.aborted) return this.exit(exitCodes.interrupted);
  this.exit(missed.length > 0 ? exitCodes.usage : exitCodes.done);
}
