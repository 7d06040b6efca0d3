import { takesOf } from '../core/asked.ts';
import type { NodeEvent } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { isUndo } from '../core/undo.ts';
import { wallClock } from '../channels/wall-clock.ts';
import { readSpec } from '../queue/run-state.ts';
import type { Incident } from '../sim/incidents/incident.ts';
import type { Sim } from '../sim/index.ts';
import type { Cli } from './context.ts';
import { openDrover } from './drover.ts';
import { say as tell } from './say.ts';

const EVERY_MS = 300;

type Asked = Extract<NodeEvent, { type: 'step.asked' }>;

/**
 * Plays the person of the demo: reads in the journal, as `drover watch` would, what is asked of people, moves VMs and answers.
 *
 * Knows nothing but what is shown to people, so that what it does is what a person would have to do.
 */
export const playPerson = (
  cli: Cli,
  sim: Sim,
  answers: NonNullable<Incident['answers']>,
  say: (line: string) => void,
): { stop(): Promise<void> } => {
  const stop = new AbortController();
  const both = AbortSignal.any([cli.interrupted(), stop.signal]);
  const done = new Map<string, number>();
  const play = async (): Promise<void> => {
    await using drover = await openDrover(cli, 'demo-person');
    const { journal } = drover.station;
    const act = async (run: string, node: string, { step, instructions, ...asked }: Asked): Promise<void> => {
      const takes = takesOf(step, asked);
      if (takes.kind === 'none') {
        say(`         (the person of the demo: ${instructions} – done)`);
        sim.person.moveAndRestart(node, isUndo(step) ? 'ci' : 'services');
        return;
      }
      const answer = answers[step] ?? (takes.kind === 'choices' ? (takes.choices[0] ?? 'yes') : 'yes');
      say(`         (the person of the demo: ${instructions} – ${answer})`);
      await tell(drover, run, { type: 'answer', step, answer, by: 'the person of the demo', nodes: [node] });
    };
    while (!both.aborted) {
      for (const run of await journal.runs()) {
        const spec = await readSpec(journal, run);
        for (const node of [...(spec?.nodes ?? []).map(({ name }) => name), RUN_STREAM]) {
          const asked = (await journal.read(run, node)).filter((event) => event.type === 'step.asked');
          const last = asked.at(-1);
          if (last === undefined || asked.length === done.get(`${run} ${node}`)) continue;
          done.set(`${run} ${node}`, asked.length);
          await act(run, node, last);
        }
      }
      await wallClock.sleep(EVERY_MS, both);
    }
  };
  const playing = play();
  return {
    stop: async () => {
      stop.abort();
      await playing.catch((error: unknown) => say(`the person of the demo stumbled: ${String(error)}`));
    },
  };
};
