import { type ControlCommand, control } from '../core/command.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { type Change, change } from '../core/step.ts';
import { type HelmHistory, RUN_ANNOTATION, helmHistory, helmRun } from '../facts/helm-release.ts';

type State = { readonly history: HelmHistory; readonly run: string | null };

/** Where a release lives, and the chart to upgrade it with. */
export type HelmWish = {
  readonly namespace: string;
  /** `REPOSITORY/NAME`, an `oci://` address or a folder. */
  readonly chart: string;
  readonly within: Duration;
};

/**
 * Upgrades a release once a run, so that its pods start anew: the run's id becomes their annotation `drover.dev/run`.
 *
 * Chart version and values stay those that are deployed (a registered token would be lost otherwise), so the chart must take `podAnnotations`. It never
 * installs. What a cut-off upgrade left pending is rolled back first. Needs helm 3.14 or later. Source: helm upgrade, helm rollback.
 */
const upgraded = (release: string, { namespace, chart, within }: HelmWish): Change => {
  // helm gives up before the step does: one that is killed leaves its release pending
  const wait = ['--wait', '--timeout', `${Math.max(1, Math.floor((durationMs(within) * 0.9) / 1000))}s`];
  const back = (revision: number): ControlCommand =>
    control(['helm', 'rollback', release, String(revision), '--namespace', namespace, ...wait]);
  const isPending = ({ history }: State): boolean => history?.status.startsWith('pending-') === true;
  return change<State>({
    id: `helm:${namespace}/${release}`,
    title: `upgrade the helm release ${release}`,
    wish: { chart, namespace, release },
    within,
    observe: () => ({ all: { history: helmHistory(release, namespace), run: helmRun(release, namespace) } }),
    unmet: (now, _before, ctx) => {
      if (now.history === null) return [`there is no helm release ${release} in namespace ${namespace}, and drover installs none`];
      const { deployed, revision, status } = now.history;
      if (isPending(now)) {
        const cutOff = `revision ${revision} is ${status}: an earlier upgrade was cut off`;
        return [deployed === null ? `${cutOff}, and no revision is deployed to go back to` : cutOff];
      }
      if (status !== 'deployed') return [`revision ${revision} is ${status}`];
      return now.run === ctx.runId ? [] : [`its pods are from before this run${now.run === null ? '' : ` (of run ${now.run})`}`];
    },
    apply: (now, ctx) => {
      if (now.history === null || (isPending(now) && now.history.deployed === null)) return [];
      const { chartVersion, deployed } = now.history;
      const version = chartVersion === '' ? [] : ['--version', chartVersion];
      const run = `podAnnotations.${RUN_ANNOTATION.replaceAll('.', '\\.')}=${ctx.runId}`;
      const values = ['--reset-then-reuse-values', '--set-string', run];
      const upgrade = control(['helm', 'upgrade', release, chart, '--namespace', namespace, ...version, ...values, ...wait]);
      return isPending(now) && deployed !== null ? [back(deployed), upgrade] : [upgrade];
    },
    rollback: (before) =>
      before.history === null ? [] : before.history.deployed === null ? 'impossible' : [back(before.history.deployed)],
    // going back is a revision of its own, so numbers cannot be compared
    restored: (now, before) => {
      if (before.history === null) return [];
      return [
        ...(now.history?.status === 'deployed' ? [] : [`${release} is ${now.history?.status ?? 'gone'}`]),
        ...(now.run === before.run
          ? []
          : [
              `its pods are of ${now.run === null ? 'no run' : `run ${now.run}`}, were of ${before.run === null ? 'none' : `run ${before.run}`} before`,
            ]),
      ];
    },
  });
};

/** Steps about helm releases; they run once a run, on the controller. */
export const helm = { upgraded } as const;
