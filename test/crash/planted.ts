import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Edit = { readonly file: string; readonly find: string; readonly replace: string };

/** A bug that is planted into a copy of the sources: `find` stands there exactly once. */
export type Plant = Edit & {
  readonly name: string;
  /** Where one change alone does no harm. */
  readonly also?: Edit;
  /** What the crash test has to say of it. */
  readonly caught: RegExp;
  /** The seed from which worlds are tried, where it takes many to find it; 1 unless said. It is searched for as far from there. */
  readonly from?: number;
};

/** Eleven bugs that the crash test has to find. */
export const plants: readonly Plant[] = [
  {
    name: 'lets a lower fence act on the node',
    from: 240,
    file: 'src/sim/node/guard.ts',
    find: '  if (claim.fence < Number(stored)) return { code: 91, detail: stored };\n',
    replace: '',
    caught: /two workers act on one node/,
  },
  {
    name: 'acts before step.started is written',
    file: 'src/engine/converge.ts',
    find: "  if ((!asked || state.phase === 'pending') && !goesOn(hold, plan, item, seen)) {\n",
    replace:
      "  await act(hold, plan, item, seen, undefined);\n  if ((!asked || state.phase === 'pending') && !goesOn(hold, plan, item, seen)) {\n",
    caught: /before its step\.started was written|without a step\.started before it/,
  },
  {
    name: 'passes over the proofs and opens the node',
    from: 90,
    file: 'src/core/next.ts',
    find: '    if (isSettled(state)) continue;\n',
    replace: '    if (isSettled(state) || item.proves !== undefined) continue;\n',
    caught: /uncordoned by .* though|is not loaded/,
  },
  {
    name: 'reboots although a person has done it',
    from: 190,
    file: 'src/steps/reboot.ts',
    find: '    if (appliedOn !== null) return [step, moves, appliedOn === now.bootId ? [`${step} takes effect at the next boot`] : []];\n',
    replace: '    if (appliedOn !== null) return [step, moves, [`${step} takes effect at the next boot`]];\n',
    caught: /was rebooted without need|rebooted 2 times/,
  },
  {
    name: 'takes what the cluster knew of the boot before for news',
    file: 'src/steps/node-ready.ts',
    find: 'now.cluster.bootId === now.bootId ? []',
    replace: 'now.cluster.bootId !== null ? []',
    caught: /the cluster had not heard of its boot/,
  },
  {
    name: 'takes a lost reply for a success',
    file: 'src/engine/converge.ts',
    find: "      await session.append({ type: 'step.unknown', step: step.id, why: acted.why });\n",
    replace: "      await session.append({ type: 'step.applied', step: step.id, durationMs: 0, ...bootOf(seen) });\n",
    caught: /nobody heard how it ended/,
  },
  {
    name: 'admits more nodes than the window has room for',
    file: 'src/core/admit.ts',
    find: '    if (standing.inFlight.length + taken.length >= room) break;\n    // one that is out of service already makes nothing worse\n    if (!out.has(name) && out.size >= room) continue;\n',
    replace: '',
    caught: /at once, and \d+ may|were out of service, and \d+ may be/,
  },
  {
    name: 'uncordons what a person had cordoned',
    file: 'src/steps/cordon.ts',
    find: '[patch(now, null, now.owner.prior.unschedulable)]',
    replace: '[patch(now, null, false)]',
    caught: /the cordon that a person had made/,
  },
  {
    name: 'lets a writer who was replaced write to the journal',
    file: 'src/journal/memory.ts',
    find: 'if (at.fence < stream.fence || at.afterSeq !== seq) throw',
    replace: 'if (at.afterSeq > seq) throw',
    caught: /with fence \d+ after somebody with \d+|acted upon twice/,
  },
  {
    name: 'takes a node back blind',
    from: 370,
    file: 'src/engine/execute.ts',
    find: '    if (session.world.node) await session.hello();\n',
    replace: '',
    caught: /without having reached it/,
  },
  {
    name: 'takes a pod that is ending for one that has gone',
    file: 'src/steps/drain.ts',
    find: '[...going.map((pod) => words(pod, now, options)), ...ending]',
    replace: '[...going.filter((pod) => pod.ending === null).map((pod) => words(pod, now, options)), ...ending]',
    caught: /though the pod \S+ was still there/,
  },
];

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the crash test said of a copy of the sources, and how it ended. */
export type Said = { readonly code: number | null; readonly text: string; readonly seed: number | undefined };

/** Runs the crash test in a copy of the tree into which a bug was planted. @throws when the bug no longer fits the sources */
export const crashWith = async (plant: Plant, worlds: number): Promise<Said> => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-planted-'));
  try {
    for (const part of ['src', 'test/crash']) {
      mkdirSync(join(dir, part), { recursive: true });
      cpSync(join(root, part), join(dir, part), { recursive: true });
    }
    cpSync(join(root, 'package.json'), join(dir, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    for (const { file, find, replace } of [plant, ...(plant.also ? [plant.also] : [])]) {
      const text = readFileSync(join(dir, file), 'utf8');
      if (text.split(find).length !== 2)
        throw new Error(`the plant no longer fits: ${JSON.stringify(find)} is not exactly once in ${file}`);
      writeFileSync(
        join(dir, file),
        text.replace(find, () => replace),
      );
    }
    const child = spawn(
      process.execPath,
      [join(dir, 'test/crash/main.ts'), '--worlds', String(worlds), '--seed', String(plant.from ?? 1), '--threads', '1'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const seed = /^world (\d+) failed:/m.exec(said)?.[1];
    return { code, text: said, seed: seed === undefined ? undefined : Number(seed) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
