import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { senseless } from './answer.ts';

/** How mounts below a mount point reach other mount namespaces, in the words of findmnt(8): `shared`, `private`, `private,slave` …. */
export const mountPropagation = (path: string): Fact<string> =>
  reading(sh`findmnt -n -o PROPAGATION ${path}`, (result) => {
    const words = result.stdout.trim();
    if (result.exitCode !== 0 || words === '') throw senseless(`how ${path} is mounted`, result);
    return words;
  });
