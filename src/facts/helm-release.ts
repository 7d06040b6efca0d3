import { type CommandResult, control } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { type Json, isJsonObject } from '../core/json.ts';
import { notNow, senseless } from './answer.ts';

/** The pod annotation that says which run last upgraded a release. */
export const RUN_ANNOTATION = 'drover.dev/run';

/** A release's newest revision, and the one that is deployed, which is another while an upgrade is under way or was cut off. */
export type HelmHistory = {
  /** The chart's version that is deployed, e.g. `0.71.0`. */
  readonly chartVersion: string;
  readonly deployed: number | null;
  readonly revision: number;
  /** deployed, failed, pending-upgrade, pending-rollback, pending-install … */
  readonly status: string;
} | null;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const json = (what: string, result: CommandResult): unknown => {
  try {
    return JSON.parse(result.stdout);
  } catch {
    throw senseless(what, result);
  }
};

/** The cluster could not be asked, as opposed to a release that it does not have. */
const failed = (what: string, result: CommandResult): Error =>
  /unreachable|connection refused|timeout|timed out|EOF/i.test(result.stderr) ? notNow(what, result) : senseless(what, result);

const absent = (result: CommandResult): boolean => result.exitCode !== 0 && /release:? not found/i.test(result.stderr);

/** Reads `HelmHistory`; null when there is no such release. Source: helm history; `chart` is `NAME-VERSION` there. */
export const helmHistory = (release: string, namespace: string): Fact<HelmHistory> =>
  reading(control(['helm', 'history', release, '--namespace', namespace, '--output', 'json', '--max', '20']), (result) => {
    if (absent(result)) return null;
    const what = `the history of the helm release ${release} in namespace ${namespace}`;
    if (result.exitCode !== 0) throw failed(what, result);
    const value = json(what, result);
    const revisions = (Array.isArray(value) ? value : [])
      .filter(isJsonObject)
      .toSorted((a, b) => Number(a['revision']) - Number(b['revision']));
    const last = revisions.at(-1);
    if (last === undefined || text(last['status']) === 'uninstalled') return null;
    const deployed = revisions.findLast((one) => one['status'] === 'deployed');
    return {
      chartVersion: /-(v?\d+\.\d+\.\d+.*)$/.exec(text((deployed ?? last)['chart']))?.[1] ?? '',
      deployed: deployed === undefined ? null : Number(deployed['revision']),
      revision: Number(last['revision']),
      status: text(last['status']),
    };
  });

/** Reads which run a release's pods are annotated with; null for none. Of the values only this is kept: they hold tokens. */
export const helmRun = (release: string, namespace: string): Fact<string | null> =>
  reading(control(['helm', 'get', 'values', release, '--namespace', namespace, '--output', 'json']), (result) => {
    if (absent(result)) return null;
    const what = `the values of the helm release ${release} in namespace ${namespace}`;
    // what it printed stays out of the error
    if (result.exitCode !== 0) throw failed(what, { ...result, stdout: '' });
    let value: unknown;
    try {
      value = JSON.parse(result.stdout);
    } catch {
      throw new Error(`${what} cannot be read: helm did not print JSON`);
    }
    if (!isJsonObject(value)) return null;
    const annotations = value['podAnnotations'];
    const run = isJsonObject(annotations) ? annotations[RUN_ANNOTATION] : undefined;
    return typeof run === 'string' ? run : null;
  });
