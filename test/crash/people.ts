import type { NewControl } from '../../src/core/event.ts';
import { type NodeRun, emptyRun, reduce } from '../../src/core/reduce.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import type { Chance } from './chance.ts';
import type { Battlefield } from './field.ts';
import { mannerOf, moveAndRestart, putOn, seeToIt } from './movers.ts';
import type { Process } from './process.ts';
import { connect } from './redis.ts';
import { isUndo } from '../../src/core/undo.ts';

/** What people can do about a run. */
export type People = {
  /** How the run and its nodes stand, by what is written. */
  state(stream: string): NodeRun;
  say(record: NewControl): void;
  /** Somebody may still say something of their own accord. */
  readonly mayTalk: boolean;
  /** When a node was last asked for something. */
  askedAt(name: string): number;
};

/** Follows the journal as somebody at a screen does. */
const atScreen = ({ book }: Battlefield, runId: string): ((stream: string) => NodeRun) => {
  const states = new Map<string, NodeRun>();
  book.readers.push(({ run, stream, event }) => {
    if (run === runId) states.set(stream, reduce(states.get(stream) ?? emptyRun, event));
  });
  return (stream) => states.get(stream) ?? emptyRun;
};

/** The people around a run: they do what they are asked for, and say what they please. */
export const peopleOf = (chance: Chance, field: Battlefield, process: Process, runId: string, withinMs: number): People => {
  const { time, scenario, redis, book } = field;
  const { journal, wakes } = connect(redis, process, book);
  const state = atScreen(field, runId);
  const say = (record: NewControl): void => {
    if (field.closed) return;
    book.tell?.(`${record.by} says ${JSON.stringify(record)}`);
    void journal
      .control(runId, record)
      .then(() => wakes.run(runId))
      // whoever hears nothing from Redis says it again, or does not
      .catch(() => undefined);
  };
  const guarded = scenario.recipe.deadman !== null;
  const asked = new Map<string, number>();
  book.readers.push(({ run, stream, event }) => {
    if (run !== runId) return;
    if (event.type === 'guard.reverted' && chance.maybe(0.85)) {
      // whoever reads that a node has gone back says what is to become of it
      const type = chance.pick<'replay' | 'resume' | 'rollback'>(['replay', 'resume', 'rollback']);
      time.at(time.now() + chance.ms(300, 4000), () => {
        if (state(stream).stuck) say({ type, by: 'cem', nodes: [stream] });
      });
    }
    if (event.type !== 'step.asked') return;
    const { step, instructions } = event;
    const again = asked.has(stream);
    asked.set(stream, event.at);
    const forget = chance.maybe(0.15);
    time.at(time.now() + (guarded ? chance.ms(300, forget ? 15_000 : 4000) : chance.ms(500, forget ? 45_000 : 9000)), () => {
      if (step.startsWith('approval:')) say({ type: 'answer', by: 'ann', nodes: [stream], step, answer: chance.maybe(0.9) ? 'yes' : 'no' });
      // one who hears of it late looks whether somebody else has done it
      else if (state(stream).steps[step]?.phase === 'started')
        moveAndRestart(chance, field, stream, instructions, guarded ? mannerOf(chance, again) : 'as asked');
    });
  });
  const names = scenario.nodes.map(({ name }) => name);
  const words = chance.maybe(0.3) ? chance.int(1, 4) : 0;
  const regret = guarded && chance.maybe(0.15);
  if (regret) time.at(time.now() + chance.ms(withinMs / 2, withinMs + 10_000), () => say({ type: 'rollback', by: 'dee' }));
  for (let index = 0; index < words; index += 1) {
    const mine = chance.apart();
    const at = time.now() + mine.ms(0, withinMs + 10_000);
    const whom = mine.maybe(0.5) ? {} : { nodes: [names[mine.int(0, names.length - 1)] ?? 'n1'] };
    const kind = mine.pick<'pause' | 'resume' | 'cancel' | 'rollback' | 'replay'>([
      'pause',
      'pause',
      'resume',
      'cancel',
      'rollback',
      'replay',
      'replay',
    ]);
    time.at(at, () => {
      if (kind === 'replay') {
        const started = Object.keys(state(whom.nodes?.[0] ?? 'n1').steps).filter((id) => !isUndo(id));
        const from = started.length > 0 && mine.maybe(0.3) ? { from: started[mine.int(0, started.length - 1)] ?? '' } : {};
        say({ type: 'replay', by: 'ben', ...whom, ...from });
      } else say({ type: kind, by: 'ben', ...whom });
      // a pause is taken back, sooner or later
      if (kind === 'pause') time.at(time.now() + mine.ms(500, 8000), () => say({ type: 'resume', by: 'ben', ...whom }));
    });
  }
  return { state, say, mayTalk: words > 0 || regret, askedAt: (name) => asked.get(name) ?? 0 };
};

/** Who cleans up when everything is over: answers all that waits, and in the end takes out what cannot be helped. */
export const closing = (chance: Chance, field: Battlefield, people: People, over: number): void => {
  const { time, scenario } = field;
  const { byPerson, typo } = scenario.recipe;
  const names = scenario.nodes.map(({ name }) => name);
  let tries = 0;
  const look = (): void => {
    const run = people.state(RUN_STREAM);
    if (field.closed) return;
    // somebody may have it go on
    if (run.runOutcome !== undefined) return void time.at(time.now() + 6000, look);
    tries += 1;
    const stuck = names.filter((name) => people.state(name).stuck);
    for (const name of names) {
      const { steps, outcome } = people.state(name);
      if (outcome !== undefined) continue;
      for (const [step, { asked, phase }] of Object.entries(steps))
        if (asked !== undefined && phase === 'started' && !step.startsWith('approval:'))
          seeToIt(field, name, asked.instructions, people.askedAt(name));
    }
    // nobody reaches a node at a mistyped address: whoever has waited for long enough moves it back
    if (typo && byPerson && tries > 3 && people.state('n1').outcome === undefined) putOn(field, 'n1', 'ci');
    const by = 'zoe';
    const waits = stuck.length > 0 || run.halted !== undefined || run.stuck;
    if (tries > (waits ? 4 : 12)) people.say({ type: 'cancel', by });
    else if (waits) {
      const [name] = stuck;
      const contested = /say drover answer RUN \S+ (\S+) overwrite/.exec(name === undefined ? '' : (people.state(name).parked ?? ''))?.[1];
      if (name !== undefined && contested !== undefined)
        people.say({ type: 'answer', by, nodes: [name], step: contested, answer: chance.pick(['overwrite', 'keep']) });
      else people.say({ type: chance.pick(['resume', 'resume', 'replay', 'rollback']), by });
    }
    time.at(time.now() + (tries < 6 ? 6000 : 20_000), look);
  };
  time.at(over + 4000, look);
};
