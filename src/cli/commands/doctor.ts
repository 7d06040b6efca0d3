import { count } from '../../core/count.ts';
import { UsageError } from '../../core/error.ts';
import { noSshSettings } from '../../core/event.ts';
import type { Cli } from '../context.ts';
import { checkCluster, checkKeys, checkNode, checkRedis, checkWebhook, wordsOf } from '../doctor-here.ts';
import { checkNodes } from '../doctor-nodes.ts';
import { openChannels, openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import { type Finding, findingLines, missing, ok } from '../finding.ts';
import { type Fleet, findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag, SelectFlags } from '../flags.ts';
import { selectNodes } from '../select.ts';

/** The flags of `drover doctor`. */
export type DoctorFlags = FleetFlags & SelectFlags & JsonFlag;

/** The inventory; undefined when there is none to be found, which is a finding and not the end. */
const fleetOf = (cli: Cli, flags: DoctorFlags, names: readonly string[]): Fleet | undefined => {
  let path: string;
  try {
    path = findFleet({ flag: flags.fleet, env: cli.env, cwd: cli.cwd });
  } catch (error) {
    if (flags.fleet !== undefined || names.length > 0) throw error;
    return undefined;
  }
  return loadFleet(path, cli.home, cli.cwd);
};

/** Says what is missing here and on the nodes; changes nothing. */
export async function doctor(this: Cli, flags: DoctorFlags, ...names: string[]): Promise<void> {
  const fleet = fleetOf(this, flags, names);
  const nodes = fleet ? selectNodes(fleet.nodes, { names, selectors: flags.selector ?? [], exclude: flags.exclude ?? [] }, fleet.file) : [];
  const signal = this.interrupted();
  const findings: Finding[] = [checkNode(), ...(await checkKeys(this, fleet)), ...(await checkWebhook(this, fleet))];
  findings.push(
    fleet
      ? ok('fleet', `${fleet.file}: ${count(fleet.nodes.length, 'node')}`)
      : missing('fleet', 'no fleet.yaml here or above: drover init makes one'),
  );
  await using channels = openChannels(this, { cluster: fleet?.cluster ?? { context: null }, ssh: fleet?.ssh ?? noSshSettings });
  findings.push(...(await checkCluster(channels, fleet, signal)));
  try {
    await using drover = await openDrover(this, 'doctor');
    findings.push(...(await checkRedis(drover)));
    findings.push(...(await checkNodes(channels, drover.station.memory, nodes, fleet?.file ?? 'fleet.yaml', signal)));
  } catch (error) {
    findings.push(missing('redis', wordsOf(error)));
    const nothingKnown = {
      recall: () => Promise.resolve({ addresses: [], identity: null }),
      remember: () => Promise.reject(new UsageError('nothing is remembered without Redis')),
    };
    findings.push(...(await checkNodes(channels, nothingKnown, nodes, fleet?.file ?? 'fleet.yaml', signal)));
  }
  if (flags.json === true) this.stdout.write(`${JSON.stringify({ findings })}\n`);
  else for (const line of findingLines(findings)) this.stdout.write(`${line}\n`);
  if (signal.aborted) return this.exit(exitCodes.interrupted);
  this.exit(findings.some(({ level }) => level === 'missing') ? exitCodes.usage : exitCodes.done);
}
