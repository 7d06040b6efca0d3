import { setTimeout as wait } from 'node:timers/promises';
import { DroverError } from '../../core/error.ts';
import { type Model, type News, type Told, learn, startModel, tellAll } from '../model.ts';
import { nodeSet } from '../node-set.ts';
import { type Effect, type Key, type Saying, type Ui, frame, press, startUi } from '../ui.ts';
import type { Look, Size } from '../view/frame.ts';
import { type Eyes, watchNode } from './eyes.ts';
import { type Pace, pace } from './pace.ts';
import { paintRows } from './paint.ts';
import { type Played, between, inTime, played } from './player.ts';
import type { Painted } from './rows.ts';
import { type Stage, type Terminal, openStage } from './stage.ts';
import type { Left, World } from './world.ts';

/** How the screen is to look, and what is to be shown. */
export type WatchOptions = {
  readonly look: Look;
  readonly colour: boolean;
  /** Plays the history, so many times faster than it was. */
  readonly speed?: number;
};

/** A run on the screen. */
export type Watching = {
  /** Resolves when the screen is left; the terminal is as before then. */
  readonly left: Promise<Left>;
  /** A line that somebody wanted to write on the terminal meanwhile. */
  heard(line: string): void;
};

const TICK_MS = 1000;
const PLAY_MS = 100;
const HOLDERS_MS = 2000;
const NOTICE_MS = 20_000;

/** That something was said, until the journal shows that somebody has acted on it. */
const said = (records: readonly Saying[]): string => {
  const nodes = new Set(records.flatMap((record) => record.nodes ?? []));
  return `said: ${records.map(({ type }) => type).join(', ')}${nodes.size === 0 ? ' the run' : ` ${nodeSet([...nodes])}`}`;
};

/** Shows a run until somebody leaves. All that it knows it has from the journal; nothing is lost with it. */
export const watchRun = (world: World, terminal: Terminal, options: WatchOptions, signal: AbortSignal): Watching => {
  const ended = new AbortController();
  const stopping = AbortSignal.any([signal, ended.signal]);
  const left = Promise.withResolvers<Left>();
  const { runId, spec } = world;
  const history = inTime(world.before);
  const [begin, last] = [history[0]?.event.at ?? world.now(), history.at(-1)?.event.at ?? world.now()];
  let player: Played | undefined = options.speed === undefined ? undefined : { at: begin, speed: options.speed, paused: false };
  const now = (): number => player?.at ?? world.now();
  const modelAt = (at: number): Model => tellAll(startModel(runId, spec, at), between(history, -1, at));
  let model: Model = player ? modelAt(player.at) : tellAll(startModel(runId, spec, now()), history);
  let ui: Ui = { ...startUi, ...(player && { play: { from: begin, to: last, speed: player.speed, paused: false } }) };
  // folded when somebody looks: many events of a node at once cost little more than one
  let untold: Told[] = [];
  const seen = (): Model => {
    if (untold.length > 0) model = tellAll(model, untold);
    untold = [];
    return model;
  };
  let eyes: Eyes | undefined;
  let fading: NodeJS.Timeout | undefined;

  const painted = (size: Size): Painted => {
    model = learn(seen(), { is: 'now', at: now() });
    const { cursor, ...drawn } = frame(ui, model, size, options.look);
    return { rows: paintRows(drawn, options.colour), ...(cursor && { cursor }) };
  };
  const know = (news: News): void => {
    model = learn(seen(), news);
    pacing.told();
  };
  const notice = (words: string, bad: boolean): void => {
    const told = { words, bad };
    ui = { ...ui, notice: told };
    pacing.told();
    // what went wrong stands there until somebody has pressed a key
    clearTimeout(fading);
    if (bad) return;
    fading = setTimeout(() => {
      if (ui.notice !== told) return;
      const { notice: _notice, ...rest } = ui;
      ui = rest;
      pacing.told();
    }, NOTICE_MS);
  };
  const end = (tell: () => void): void => {
    if (ended.signal.aborted) return;
    ended.abort();
    pacing.stop();
    clearTimeout(fading);
    eyes?.stop();
    stage.close();
    tell();
  };
  const leave = (how: Left): void => end(() => left.resolve(how));
  const fail = (error: unknown): void => end(() => left.reject(error));
  /** What cannot be done is told on the screen; a bug ends it. */
  const trying = (what: Promise<unknown>): void => {
    what.catch((error: unknown) => (error instanceof DroverError ? notice(error.message, true) : fail(error)));
  };
  const obey = (effect: Effect): void => {
    switch (effect.do) {
      case 'say':
        return trying(world.say(effect.records).then(() => notice(said(effect.records), false)));
      case 'detach':
      case 'quit':
        return leave('key');
      case 'suspend':
        return void stage.suspend();
      case 'look-at':
        eyes?.stop();
        eyes = effect.node === null ? undefined : watchNode(world, effect.node, seen, know, trying);
        return;
      case 'load-way-back':
        return trying(world.waysBack(effect.nodes).then((nodes) => know({ is: 'way-back', nodes })));
      case 'play': {
        if (player && effect.at < player.at) model = modelAt(effect.at);
        else if (player) model = tellAll(model, between(history, player.at, effect.at));
        player = { at: effect.at, speed: effect.speed, paused: effect.paused };
        return;
      }
    }
  };
  const pressed = (key: Key): void => {
    if (ended.signal.aborted) return;
    const { ui: next, effects } = press(ui, seen(), key, stage.size());
    ui = next;
    for (const effect of effects) obey(effect);
    if (!ended.signal.aborted) pacing.pressed();
  };
  const pacing: Pace = pace(() => stage.draw());
  const stage: Stage = openStage(terminal, painted, {
    key: pressed,
    lost: () => leave('lost'),
    leaving: () => undefined,
  });
  const every = (ms: number, work: () => void): void => {
    const timer = setInterval(work, ms);
    ended.signal.addEventListener('abort', () => clearInterval(timer));
  };
  const live = async (): Promise<void> => {
    // what was read at once comes in one turn of the event loop
    let sameTurn = false;
    for await (const told of world.follow(stopping)) {
      untold.push(told);
      pacing.told();
      if (sameTurn) continue;
      // what comes until the next frame is read at once: many small questions would cost more than all that is drawn
      await wait(pacing.rests(), undefined, { signal: stopping }).catch(() => undefined);
      sameTurn = true;
      setImmediate(() => (sameTurn = false));
    }
  };
  const askHolders = (): void => trying(world.holders().then((holders) => know({ is: 'holders', holders })));
  if (player === undefined) {
    // without the journal there is nothing to show
    live().catch(fail);
    askHolders();
    every(HOLDERS_MS, askHolders);
    every(TICK_MS, pacing.told);
  } else {
    every(PLAY_MS, () => {
      if (!player) return;
      const from = player.at;
      player = played(player, PLAY_MS, last);
      if (player.at === from) return;
      if (player.at === last) {
        player = { ...player, paused: true };
        if (ui.play) ui = { ...ui, play: { ...ui.play, paused: true } };
      }
      model = tellAll(model, between(history, from, player.at));
      pacing.told();
    });
  }
  if (signal.aborted) leave('signal');
  else signal.addEventListener('abort', () => leave('signal'), { once: true });
  return { left: left.promise, heard: (line) => notice(line, false) };
};
