// Writes schema/fleet.schema.json, which editors use to check and complete fleet.yaml. Run by `npm run schema`; a test holds it up to date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fleetJsonSchema } from '../src/cli/fleet-schema.ts';

mkdirSync('schema', { recursive: true });
writeFileSync('schema/fleet.schema.json', `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`);
