import { type Json, isJsonObject } from '../../core/json.ts';
import { options } from '../programs/program.ts';
import { type Release, type Releases, addRelease, addRevision, deployed, newest, releaseKey } from './releases.ts';

/** What a call of helm(1) comes to; `waitMs` is how long it takes. */
export type HelmResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string; readonly waitMs: number };

type Flags = ReadonlyMap<string, readonly string[]>;

const withValue = [
  '-n',
  '--namespace',
  '-o',
  '--output',
  '--max',
  '--version',
  '--set',
  '--set-string',
  '--timeout',
  '-f',
  '--values',
  '--description',
  '--kube-context',
  '--kubeconfig',
  '--revision',
  '--history-max',
];
const ok = (stdout: string, waitMs = 0): HelmResult => ({ exitCode: 0, stdout, stderr: '', waitMs });
const fails = (message: string, waitMs = 0): HelmResult => ({ exitCode: 1, stdout: '', stderr: `Error: ${message}\n`, waitMs });

const value = (flags: Flags, ...names: readonly string[]): string | undefined => names.flatMap((name) => flags.get(name) ?? []).at(-1);

const setPath = (values: { readonly [key: string]: Json }, path: readonly string[], to: Json): { readonly [key: string]: Json } => {
  const [first = '', ...rest] = path;
  const inner = values[first];
  return { ...values, [first]: rest.length === 0 ? to : setPath(isJsonObject(inner) ? inner : {}, rest, to) };
};

/** `a.b\.c=x`: dots part the path, escaped dots do not. */
const withSets = (values: { readonly [key: string]: Json }, flags: Flags): { readonly [key: string]: Json } => {
  const typed = (text: string): Json =>
    text === 'true' || text === 'false' ? text === 'true' : text === 'null' ? null : /^-?\d+$/.test(text) ? Number(text) : text;
  const apply = (
    all: { readonly [key: string]: Json },
    pairs: readonly string[],
    to: (text: string) => Json,
  ): { readonly [key: string]: Json } =>
    pairs
      .flatMap((pair) => pair.split(/(?<!\\),/))
      .reduce((made, pair) => {
        const at = pair.indexOf('=');
        const path = pair
          .slice(0, at)
          .split(/(?<!\\)\./)
          .map((part) => part.replaceAll('\\.', '.'));
        return at < 1 ? made : setPath(made, path, to(pair.slice(at + 1)));
      }, all);
  return apply(apply(values, flags.get('--set') ?? [], typed), flags.get('--set-string') ?? [], (text) => text);
};

const row = (one: Release['revisions'][number]): Json => ({
  revision: one.revision,
  updated: one.updated,
  status: one.status,
  chart: one.chart,
  app_version: '',
  description: one.description,
});

const listed = ({ name, namespace, revisions }: Release): Json => {
  const last = revisions.at(-1);
  return {
    name,
    namespace,
    revision: String(last?.revision ?? 0),
    updated: last?.updated ?? '',
    status: last?.status ?? '',
    chart: last?.chart ?? '',
    app_version: '',
  };
};

const upgrade = (releases: Releases, flags: Flags, words: readonly string[], namespace: string, at: string, waitMs: number): HelmResult => {
  const [name = '', chart = ''] = words;
  const version = value(flags, '--version') ?? releases.charts.get(chart);
  const known = releases.charts.get(chart);
  if (known === undefined) return fails(`failed to download "${chart}"`);
  const chartName = `${chart.split('/').at(-1) ?? chart}-${version ?? known}`;
  const release = releases.all.get(releaseKey(namespace, name));
  if (!release) {
    if (!flags.has('--install') && !flags.has('-i')) return fails(`UPGRADE FAILED: "${name}" has no deployed releases`);
    addRelease(releases, { name, namespace, chart: chartName, values: withSets({}, flags) }, at);
    return ok(`Release "${name}" does not exist. Installing it now.\n`, waitMs);
  }
  if (newest(release)?.status.startsWith('pending-') === true)
    return fails('UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress');
  const keep = flags.has('--reuse-values') || flags.has('--reset-then-reuse-values');
  const values = withSets(keep ? (deployed(release)?.values ?? {}) : {}, flags);
  const base = { updated: at, chart: chartName, values };
  if (releases.cutUpgrades > 0) {
    releases.cutUpgrades -= 1;
    addRevision(release, { ...base, status: 'pending-upgrade', description: 'Preparing upgrade' });
    return { exitCode: 137, stdout: '', stderr: '', waitMs };
  }
  if (releases.failUpgrades > 0) {
    releases.failUpgrades -= 1;
    addRevision(release, { ...base, status: 'failed', description: `Upgrade "${name}" failed: context deadline exceeded` });
    return fails('UPGRADE FAILED: context deadline exceeded', waitMs);
  }
  const made = addRevision(release, { ...base, status: 'deployed', description: 'Upgrade complete' });
  return ok(
    `Release "${name}" has been upgraded. Happy Helming!\nNAME: ${name}\nNAMESPACE: ${namespace}\nSTATUS: deployed\nREVISION: ${made.revision}\n`,
    waitMs,
  );
};

const rollback = (release: Release, words: readonly string[], at: string, waitMs: number): HelmResult => {
  const last = newest(release)?.revision ?? 1;
  const wanted = Number(words[1] ?? 0) || last - 1;
  const target = release.revisions.find(({ revision }) => revision === wanted);
  if (!target) return fails(`release has no ${wanted} version`);
  for (const one of release.revisions) if (one.status.startsWith('pending-')) one.status = 'superseded';
  addRevision(release, {
    updated: at,
    status: 'deployed',
    chart: target.chart,
    values: target.values,
    description: `Rollback to ${wanted}`,
  });
  return ok('Rollback was a success! Happy Helming!\n', waitMs);
};

/** Answers a call of helm 3 or 4 as the real program does, for the sub-commands that drover's steps use. */
export const helm = (releases: Releases, argv: readonly string[], at: string, waitMs: number): HelmResult => {
  const { flags, rest } = options(argv, withValue);
  const [verb = '', ...words] = rest;
  const namespace = value(flags, '-n', '--namespace') ?? 'default';
  const json = value(flags, '-o', '--output') === 'json';
  const print = (data: Json): HelmResult => ok(json ? `${JSON.stringify(data)}\n` : `${JSON.stringify(data, null, 2)}\n`);
  if (verb === 'version') return ok('v3.22.0\n');
  if (verb === 'list' || verb === 'ls')
    return print(
      [...releases.all.values()]
        .filter((one) => flags.has('-A') || flags.has('--all-namespaces') || one.namespace === namespace)
        .map(listed),
    );
  if (verb === 'repo') return ok('');
  if (verb === 'upgrade') return upgrade(releases, flags, words, namespace, at, flags.has('--wait') ? waitMs : 0);
  const name = verb === 'get' ? (words[1] ?? '') : (words[0] ?? '');
  const release = releases.all.get(releaseKey(namespace, name));
  if (!['history', 'hist', 'status', 'get', 'rollback', 'uninstall'].includes(verb))
    return { exitCode: 2, stdout: '', stderr: `the simulator does not know: helm ${argv.join(' ')}\n`, waitMs: 0 };
  if (!release) return fails(verb === 'uninstall' ? `uninstall: Release not loaded: ${name}: release: not found` : 'release: not found');
  const revision = Number(value(flags, '--revision') ?? 0);
  const shown = revision > 0 ? release.revisions.find((one) => one.revision === revision) : newest(release);
  if (verb === 'rollback') return rollback(release, words, at, flags.has('--wait') ? waitMs : 0);
  if (verb === 'uninstall') {
    releases.all.delete(releaseKey(namespace, name));
    return ok(`release "${name}" uninstalled\n`);
  }
  if (verb === 'history' || verb === 'hist') return print(release.revisions.slice(-Number(value(flags, '--max') ?? 256)).map(row));
  if (!shown) return fails('release: not found');
  if (verb === 'status')
    return print({
      name,
      namespace,
      version: shown.revision,
      info: { status: shown.status, last_deployed: shown.updated, description: shown.description },
    });
  if (words[0] === 'values') return print(Object.keys(shown.values).length === 0 ? null : shown.values);
  if (words[0] === 'metadata')
    return print({
      name,
      namespace,
      chart: shown.chart.replace(/-v?\d+\.\d+\.\d+.*$/, ''),
      version: shown.chart.replace(/^.*?-(?=v?\d+\.\d+\.\d+)/, ''),
      revision: shown.revision,
      status: shown.status,
    });
  return { exitCode: 2, stdout: '', stderr: `the simulator does not know: helm ${argv.join(' ')}\n`, waitMs: 0 };
};
