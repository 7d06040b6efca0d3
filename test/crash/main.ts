/** `npm run crash -- --worlds N --seed S`: worlds from a seed on, on all cores; the first that fails tells its story. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runMany } from './many.ts';
import { live } from './world.ts';

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(Math.min(8, availableParallelism())) },
    story: { type: 'boolean', default: false },
  },
});
const [worlds, seed, threads] = [values.worlds, values.seed, values.threads].map(Number);
if (
  worlds === undefined ||
  seed === undefined ||
  threads === undefined ||
  ![worlds, seed, threads].every((number) => Number.isSafeInteger(number) && number > 0)
) {
  process.stderr.write('usage: npm run crash -- [--worlds N] [--seed S] [--threads T] [--story], each a whole number above 0\n');
  process.exit(2);
}

const tell = async (of: number): Promise<readonly string[]> => {
  const { wrong, outcome } = await live(of, (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`world ${of} ended: ${outcome}\n`);
  return wrong;
};

if (values.story || worlds === 1) {
  const wrong = await tell(seed);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} else {
  const many = await runMany({ from: seed, worlds, threads });
  const rate = Math.round((many.worlds * 1000) / many.cpuMs);
  process.stdout.write(
    `${many.worlds} worlds in ${(many.wallMs / 1000).toFixed(1)} s, ${rate} a second and core: ${Object.entries(many.outcomes)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', ')}\n`,
  );
  if (many.failed) {
    process.stdout.write(`\nworld ${many.failed.seed} failed:\n`);
    await tell(many.failed.seed);
    process.stdout.write(`\nreplay it alone: npm run crash -- --worlds 1 --seed ${many.failed.seed}\n`);
    process.exitCode = 1;
  }
}
