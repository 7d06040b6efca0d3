import { type NodeCommand, sh } from '../../src/core/command.ts';
import type { CallOptions, Clock, Guard, Performed } from '../../src/core/ports.ts';
import { type Change, change } from '../../src/core/step.ts';
import { reading } from '../../src/core/fact.ts';
import { type Toy, bootId } from './toy-machine.ts';

/** A durable command of the toy: `slow KEY VALUE MS CODE` prints a line each second, sets the word at its end, and exits with the code. */
export type ToyUnit = { readonly name: string; readonly text: string; readonly since: number; readonly boot: string; code: number | null };

/** What a worker dies of: no error that drover expects. */
export class Died extends Error {}

const nameOf = ({ run, step, attempt }: Guard, text: string): string => `${run} ${step} ${attempt} ${text}`;
const wordsOf = ({ text }: ToyUnit): { key: string; value: string; ms: number; code: number } => {
  const [, key = '', value = '', ms = '0', code = '0'] = text.split(' ');
  return { key, value, ms: Number(ms), code: Number(code) };
};

/** Does what the unit has done by now. */
export const settleUnit = (toy: Toy, clock: Clock): void => {
  const { unit } = toy;
  if (!unit || unit.code !== null || unit.boot !== bootId(toy)) return;
  const { key, value, ms, code } = wordsOf(unit);
  if (clock.now() < unit.since + ms) return;
  unit.code = code;
  if (code === 0) toy.disk.set(key, value);
};

/** Ends the unit. */
export const haltUnit = (toy: Toy): void => {
  if (toy.unit?.code === null && toy.unit.boot === bootId(toy)) toy.ended.push(toy.unit.text);
  toy.unit = null;
};

/** Starts a unit; the one before it is ended. */
export const startUnit = (toy: Toy, clock: Clock, text: string, guard: Guard): void => {
  haltUnit(toy);
  toy.unit = { name: nameOf(guard, text), text, since: clock.now(), boot: bootId(toy), code: null };
};

/** Follows a unit from its beginning to its end, as the wrapper on a node does. */
export const followUnit = async (toy: Toy, clock: Clock, guard: Guard, text: string, call: CallOptions): Promise<Performed> => {
  const began = clock.now();
  let shown = 0;
  for (;;) {
    settleUnit(toy, clock);
    const { unit } = toy;
    const gone = unit?.code === null && unit.boot !== bootId(toy);
    if (unit?.name !== nameOf(guard, text) || gone) return { kind: 'refused', why: 'absent', detail: 'it is not there' };
    const until = Math.min(clock.now() - unit.since, wordsOf(unit).ms);
    for (; shown * 1000 <= until; shown += 1) call.onLine?.(shown % 2 === 0 ? 'tick' : `second ${shown}`);
    if (unit.code !== null) return { kind: 'exited', result: { exitCode: unit.code, stdout: '', stderr: 'slow', durationMs: 1 } };
    if (call.signal.aborted) return { kind: 'unknown', why: `${text} was let go` };
    if (clock.now() - began > call.timeoutMs) {
      haltUnit(toy);
      return { kind: 'unknown', why: `${text} did not end in time`, late: true };
    }
    if (toy.diesAt !== null && clock.now() >= toy.diesAt) {
      toy.diesAt = null;
      throw new Died('died');
    }
    await clock.sleep(100, call.signal);
  }
};

/** Sets a word of the toy by a durable command. */
export const toySlow = (
  key: string,
  value: string,
  ms: number,
  more: { readonly code?: number; readonly within?: Change['within'] } = {},
): Change =>
  change<string>({
    id: `slow:${key}`,
    title: `${key} is ${value}`,
    wish: { key, value },
    within: more.within ?? '5m',
    observe: () => reading(sh`get ${key}`, ({ stdout }) => stdout.split(' ')[0] ?? ''),
    unmet: (now) => (now === value ? [] : [`${key} is ${now}`]),
    restored: () => [],
    apply: (): readonly NodeCommand[] => [{ ...sh`slow ${key} ${value} ${ms} ${more.code ?? 0}`, durable: true }],
    rollback: () => [],
  });
