import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operator } from './drover.ts';

/** The id of the one change of the runbook that `motd` writes. */
export const MOTD = 'file:/etc/motd.d/drover';

/** What of the small runbook is to be otherwise, as TypeScript. */
export type MotdOptions = {
  /** The content of the file. */
  readonly text?: string;
  /** More steps, behind the file; `params`, `node` and everything of `drover` can be used. */
  readonly steps?: string;
};

/**
 * Writes a small runbook of a user's: a gate and a file, without Kubernetes and without a reboot, so that a run takes a second.
 *
 * `--set broken=NODE` makes a step fail there; `--set slow=NODE` asks for an approval there.
 */
export const motd = (operator: Operator, { text = 'hello', steps = '' }: MotdOptions = {}): string => {
  const path = join(operator.stateDir, 'motd.ts');
  writeFileSync(
    path,
    `import { approval, change, file, known, person, preflight, reading, runbook, secret, sh, z } from 'drover';
const broken = change({ id: 'broken', title: 'holds', wish: 1, within: '1s', observe: () => known(null), unmet: () => ['it never holds'], apply: () => [sh\`true\`], rollback: () => [] });
export default runbook({
  name: 'motd', summary: 'Writes a message.', version: 1,
  params: z.object({ broken: z.array(z.string()).default([]), slow: z.array(z.string()).default([]) }),
  vars: z.object({}).loose(),
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: ({ params, node }) => [
    preflight.diskSpace(),
    file('/etc/motd.d/drover', { content: '${text}\\n' }),
    ...(params.slow.includes(node.name) ? [approval('go', { question: 'go on?' })] : []),
    ...(params.broken.includes(node.name) ? [broken] : []),
    ${steps}
  ],
});\n`,
  );
  return path;
};
