import type { ApiRequest, ApiResponse } from './action.ts';
import type { CommandResult, ControlCommand, NodeCommand } from './command.ts';
import type { Json } from './json.ts';

/**
 * How to look at one thing: a read-only command or request and how to read its answer, a record of facts, what follows from another fact, or what is known already.
 *
 * A state is plain data with sorted keys and no clocks in it, so that two looks at an unchanged world are equal. `parse` throws
 * `FactError`-worthy text (a plain Error) when the answer makes no sense; a missing thing is a state, not an error.
 */
export type Fact<S extends Json = Json> =
  | { readonly read: NodeCommand | ControlCommand; parse(result: CommandResult): S }
  | CallFact<S>
  | { readonly all: FactRecord<S> }
  | { readonly from: Fact; derive(state: Json): S }
  | { readonly known: S };

/** A fact that one call of the Kubernetes API tells. */
export type CallFact<S extends Json = Json> = { readonly call: ApiRequest; parse(response: ApiResponse): S };

/** A fact for each key of a state that is a record. */
export type FactRecord<S extends Json> = S extends { readonly [key: string]: Json }
  ? { readonly [K in keyof S & string]: Fact<S[K]> }
  : never;

/** A single question of a fact: what a channel has to ask. */
export type Question = NodeCommand | ControlCommand | ApiRequest;
/** A channel's answer to a question. */
export type Answer = { readonly command: CommandResult } | { readonly response: ApiResponse };

/** Lists the questions of a fact in a fixed order. */
export const questions = (fact: Fact): readonly Question[] => {
  if ('read' in fact) return [fact.read];
  if ('call' in fact) return [fact.call];
  if ('all' in fact) return Object.values(fact.all).flatMap((part) => questions(part));
  if ('from' in fact) return questions(fact.from);
  return [];
};

/** Reads a fact's state from the answers to its questions, given in the same order; takes what it needs from the front. */
export const readFact = (fact: Fact, answers: Answer[]): Json => {
  if ('known' in fact) return fact.known;
  if ('all' in fact) return Object.fromEntries(Object.entries(fact.all).map(([key, part]) => [key, readFact(part, answers)]));
  if ('from' in fact) return fact.derive(readFact(fact.from, answers));
  const answer = answers.shift();
  if ('read' in fact && answer && 'command' in answer) return fact.parse(answer.command);
  if ('call' in fact && answer && 'response' in answer) return fact.parse(answer.response);
  throw new Error('a fact was read with the answers of another');
};

/** A fact that one read-only command tells. */
export const reading = <S extends Json>(read: NodeCommand | ControlCommand, parse: (result: CommandResult) => S): Fact<S> => ({
  read,
  parse,
});
/** Makes a fact that one GET of the Kubernetes API tells. */
export const calling = <S extends Json>(call: ApiRequest, parse: (response: ApiResponse) => S): CallFact<S> => ({ call, parse });
/** A fact that follows from what others tell. */
export const deriving = <A extends Json, S extends Json>(from: Fact<A>, derive: (state: A) => S): Fact<S> => ({ from, derive });
/** A fact that needs no look. */
export const known = <S extends Json>(state: S): Fact<S> => ({ known: state });
