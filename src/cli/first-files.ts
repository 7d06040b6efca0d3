import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { fleetJsonSchema } from './fleet-schema.ts';

/** Where drover itself is: above `src`, or above what was built of it. */
const root = ['../..', '../../..']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((folder) => existsSync(join(folder, 'starter')));

const versions = z.record(z.string(), z.string());
const manifest = z.object({ version: z.string(), devDependencies: versions, optionalDependencies: versions });

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** The package.json of a folder of runbooks: with this drover, and with a Node for machines whose own is older. */
const packageJson = (own: string): string => {
  const { version, devDependencies, optionalDependencies } = manifest.parse(JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')));
  const fromRegistry = /[\\/]node_modules[\\/]/.test(own);
  const { typescript = '*', vitest = '*' } = devDependencies;
  return json({
    private: true,
    type: 'module',
    scripts: { test: 'vitest run', check: 'tsc && drover check' },
    dependencies: { drover: fromRegistry ? `^${version}` : `file:${own.replace(/\/$/, '')}` },
    devDependencies: { typescript, vitest },
    optionalDependencies,
  });
};

/** The files that `drover init` writes, by name: an inventory, a runbook, its test, and what runs and edits them. */
export const firstFiles = (): readonly (readonly [name: string, text: string])[] => {
  if (root === undefined) throw new TypeError('drover lacks its folder starter');
  const copied = (name: string) => [name, readFileSync(join(root, 'starter', name), 'utf8')] as const;
  return [
    copied('fleet.yaml'),
    ['fleet.schema.json', json(fleetJsonSchema())],
    copied('runbooks/hello.ts'),
    copied('test/hello.test.ts'),
    ['package.json', packageJson(root)],
    copied('tsconfig.json'),
    ['.gitignore', 'node_modules\n'],
  ];
};
