import { count } from '../core/count.ts';
import type { RunSpec } from '../core/event.ts';
import type { NodePreview, Preview } from '../engine/preview.ts';
import type { Preflight } from './preflight.ts';
import { rolloutLines } from '../words/rollout.ts';
import { printable } from '../words/text.ts';

const actionLines = (label: string, actions: readonly string[]): string[] =>
  actions.flatMap((action, index) =>
    printable(action, '\n')
      .split('\n')
      .map((line, row) => `${index === 0 && row === 0 ? label : ' '.repeat(label.length)}${line}`),
  );

const stepLines = ({ id, title, kind, role, proves, forecast, outlook = [] }: Preview, adopting: boolean): string[] => {
  const name = `${id === title ? title : `${title}  [${id}]`}`;
  switch (forecast.kind) {
    case 'met':
      return [
        `  = ${name}: met${adopting && kind === 'change' && (role === 'plain' || role === 'inner') ? ', so drover cannot take it back' : ''}`,
      ];
    case 'not-needed':
      return [`  = ${name}: not needed, nothing inside has to be done`];
    case 'later':
      return [
        `  ? ${name}: ${proves === null ? 'after the changes above: looked at, and done as far as it is needed then' : `proves that ${proves} has taken effect`}`,
      ];
    case 'refuses':
      return [`  ✗ ${name}: refuses`, ...forecast.unmet.map((why) => `      because ${why}`)];
    case 'acts': {
      const back =
        forecast.rollback === 'impossible'
          ? ['      undo   impossible: the point of no return']
          : forecast.rollback === 'itself'
            ? ['      undo   the same again, if something that was restored needs it']
            : forecast.rollback.length === 0
              ? ['      undo   nothing to take back']
              : actionLines('      undo   ', forecast.rollback);
      return [
        `  + ${name}`,
        ...forecast.unmet.map((why) => `      because ${why}`),
        ...actionLines('      do     ', forecast.actions),
        ...actionLines('      expect ', outlook),
        ...back,
      ];
    }
  }
};

/** What a run would do to one node, as lines for people; of a node that is half-way also what is past the point of no return. */
export const showNode = ({ node, hello, steps, refusals }: NodePreview, adopting = false): string[] => {
  const at = hello ? `  at ${hello.address}, boot ${hello.bootId.slice(0, 8)}, host key ${hello.identity.hostKey}` : '';
  const acts = steps.filter(({ forecast }) => forecast.kind === 'acts').length;
  const sum = refusals.length > 0 ? 'refuses' : acts === 0 ? 'everything is as wished' : `${count(acts, 'step')} to do`;
  return [
    `${node}: ${sum}${at}`,
    ...steps.flatMap((one) => stepLines(one, adopting)),
    ...(steps.length === 0 ? refusals.map((why) => `  ✗ ${why}`) : []),
  ];
};

/** The whole plan of a run for people: each node, how the run goes over them, the refusals last. */
export const showPlan = ({ nodes, after, refusals, warnings }: Omit<Preflight, 'findings'>, spec: RunSpec): string[] => [
  ...nodes.flatMap((one) => [...showNode(one, spec.adopted === true), '']),
  ...(after ? ['once, after all nodes:', ...showNode(after).slice(1), ''] : []),
  ...rolloutLines(spec),
  ...warnings.map((line) => `! ${line}`),
  ...(refusals.length > 0 ? [`refused, nothing was touched:`, ...refusals.map((line) => `✗ ${line}`)] : []),
];
