import {
  type Change,
  type Duration,
  type Runbook,
  type Step,
  address,
  approval,
  change,
  cordon,
  disruption,
  drain,
  file,
  helm,
  kernelModules,
  nodeReady,
  packages,
  preflight,
  reading,
  reboot,
  secret,
  service,
  sh,
  uncordon,
} from '../../src/index.ts';
import type { Chance } from './chance.ts';

/** What a world's runbook does, in the steps that real runbooks are made of. */
export type Recipe = {
  readonly file: boolean;
  readonly modules: boolean;
  readonly address: boolean;
  readonly packages: boolean;
  readonly secret: boolean;
  readonly approval: boolean;
  readonly stopsKubelet: boolean;
  /** The node is emptied before anything is done to it. */
  readonly drains: boolean;
  readonly byPerson: boolean;
  readonly helm: boolean;
  /** The move of the address is under guard, for this long after the boot; null: it is not. */
  readonly deadman: Duration | null;
  /** The new address of the first node is mistyped: its gateway answers, and nobody reaches it there. */
  readonly typo: boolean;
};

/** Mostly short recipes, because a short run meets more crashes in the same time. */
export const recipeOf = (chance: Chance): Recipe => {
  const boots = chance.maybe(0.5);
  const guarded = boots && chance.maybe(0.4);
  const moves = guarded || (boots && chance.maybe(0.2));
  return {
    file: !boots || chance.maybe(0.25),
    modules: boots && (!moves || chance.maybe(0.4)),
    address: moves,
    packages: chance.maybe(0.06),
    secret: chance.maybe(0.1),
    approval: chance.maybe(0.08),
    stopsKubelet: chance.maybe(0.4),
    byPerson: boots && chance.maybe(guarded ? 0.65 : 0.3),
    helm: chance.maybe(0.25),
    deadman: guarded ? chance.pick(['4s', '6s', '6s', '12s']) : null,
    typo: guarded && chance.maybe(0.12),
    drains: chance.maybe(0.3),
  };
};

/** The module, the file that lists it, and the other traces that a run leaves. */
export const MODULE = 'iptable_nat';
export const MODULES_FILE = '/etc/modules-load.d/crash.conf';
export const PLAIN_FILE = '/etc/crash.conf';
export const SECRET_FILE = '/etc/crash.secret';
export const PACKAGE = 'bash-completion';
/** The secret's variable, and what is in it. */
export const SECRET = { name: 'CRASH_TOKEN', value: 'glrt-hidden-from-everybody' } as const;
export const GATEWAY = '10.2.0.1';
export const RELEASE = 'gitlab-runner';

/** Where a node is, and where it moves. */
export const addressesOf = ({ typo }: Recipe, name: string): { readonly old: string; readonly new: string } => {
  const n = Number(name.slice(1));
  return { old: `10.1.0.${10 + n}`, new: `10.${typo && n === 1 ? 3 : 2}.0.${10 + n}` };
};

const secretStep = (): Change =>
  change<string>({
    id: 'token',
    title: 'write the token',
    wish: 'token',
    within: '40s',
    observe: () => reading(sh`drover_file ${SECRET_FILE}`, ({ stdout }) => stdout.trim().split(' ')[0] ?? ''),
    unmet: (now) => (now === 'file' ? [] : [`${SECRET_FILE} is ${now}`]),
    apply: () => [sh`echo writing ${secret({ env: SECRET.name })} && printf %s ${secret({ env: SECRET.name })} >${SECRET_FILE}`],
    rollback: (before) => (before === 'file' ? [] : [sh`rm -f ${SECRET_FILE}`]),
  });

const restart = ({ byPerson, deadman }: Recipe): Step =>
  reboot({
    within: deadman === null ? '30s' : '2m',
    ...(deadman !== null && { deadman }),
    ...(byPerson && {
      by: (direction) => (direction === 'forward' ? 'move it there and restart it' : 'move it back and restart it'),
    }),
  });

const stepsOf = (recipe: Recipe, wishes: { readonly newAddress: string; readonly content: string }): ReturnType<Runbook['steps']> => {
  const { newAddress, content } = wishes;
  const inner: Step[] = [
    ...(recipe.packages ? [packages.installed([PACKAGE], { within: '40s' })] : []),
    ...(recipe.file ? [file(PLAIN_FILE, { content })] : []),
    ...(recipe.secret ? [secretStep()] : []),
    ...(recipe.modules ? [kernelModules([MODULE], { file: MODULES_FILE })] : []),
    ...(recipe.address ? [address({ connection: 'ens192', address: `${newAddress}/24`, gateway: GATEWAY })] : []),
    ...(recipe.modules || recipe.address ? [restart(recipe)] : []),
  ];
  return [
    preflight.notCordonedByOthers(),
    ...(recipe.approval ? [approval('start', { question: 'shall it begin?', within: '90s' })] : []),
    disruption({
      open: [
        cordon(),
        ...(recipe.drains ? [drain({ ignoreDaemonSets: true, timeout: '40s' })] : []),
        ...(recipe.stopsKubelet ? [service.stopped('kubelet', { within: '30s' })] : []),
      ],
      inner,
      close: [
        ...(recipe.stopsKubelet ? [service.running('kubelet', { within: '30s' })] : []),
        nodeReady({ within: '40s', ...(recipe.address && { address: newAddress }) }),
        uncordon(),
      ],
    }),
  ];
};

const made = new Map<string, ReturnType<Runbook['steps']>>();

/** A runbook of this recipe; `content` is what changes when somebody edits it under a run. */
export const runbookOf = (recipe: Recipe, content: string, rollout: Runbook['rollout']): Runbook => ({
  name: 'crash',
  summary: 'what a world goes through',
  version: 1,
  params: { parse: () => ({}) },
  vars: { parse: (input) => input },
  rollout,
  onFailure: 'pause',
  steps: ({ node }) => {
    const newAddress = addressesOf(recipe, node.name).new;
    const key = JSON.stringify([recipe, newAddress, content]);
    const known = made.get(key);
    if (known) return known;
    const steps = stepsOf(recipe, { newAddress, content });
    made.set(key, steps);
    return steps;
  },
  ...(recipe.helm && { afterRun: () => [helm.upgraded(RELEASE, { namespace: 'runners', chart: 'gitlab/gitlab-runner', within: '40s' })] }),
});
