import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Lab } from './lab.ts';

/**
 * Lays a runbook beside fleet.yaml, as a user would.
 *
 * @param imports what it takes from drover
 * @param steps the text of its list of steps
 */
export const layBook = async ({ account }: Lab, name: string, imports: readonly string[], steps: string): Promise<void> => {
  const folder = path.join(account.folder, 'runbooks');
  await mkdir(folder, { recursive: true });
  const text = `import { ${imports.join(', ')}, runbook, z } from 'drover';

export default runbook({
  name: '${name}',
  summary: 'A runbook of the lab.',
  version: 1,
  params: z.object({}),
  vars: z.object({}),
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: () => ${steps},
});
`;
  await writeFile(path.join(folder, `${name}.ts`), text);
};
