import type { NewControl } from '../core/event.ts';
import type { Model } from './model.ts';
import { pressAct } from './press/act.ts';
import { pressAsk } from './press/ask.ts';
import { pressFleet } from './press/fleet.ts';
import { pressLeave } from './press/leave.ts';
import { moved } from './press/move.ts';
import { pressNode } from './press/node.ts';
import { pressPlay } from './press/play.ts';
import { pressTyping } from './press/type.ts';
import { fleetFrame } from './view/fleet.ts';
import type { Frame, Look, Size } from './view/frame.ts';
import { helpCount, helpFrame } from './view/help.ts';
import { nodeFrame } from './view/node.ts';
import { inAscii } from './view/signs.ts';
import { exactly } from './view/text.ts';

/** A key as it was pressed: `j`, `G`, `enter`, `escape`, `up`, `pageup`, `ctrl+c`, `backspace`, `space`, `tab`; `text` is what it types. */
export type Key = { readonly name: string; readonly text?: string };

/** A record without who says it. */
export type Saying = NewControl extends infer R ? (R extends NewControl ? Omit<R, 'by'> : never) : never;

/** What a key asks of the world outside; effects are values. */
export type Effect =
  /** Says something to the run, in this order. For `replay` and `rollback` the nodes have to be reserved first, as the commands do. */
  | { readonly do: 'say'; readonly records: readonly Saying[] }
  /** Leaves the screen while the run goes on elsewhere, or stops here. */
  | { readonly do: 'detach' }
  /** Leaves the screen of a run that has ended. */
  | { readonly do: 'quit' }
  /** Ctrl-Z. */
  | { readonly do: 'suspend' }
  /** Output, step details and latency of this node are wanted from now on (`learn`); of none with null. */
  | { readonly do: 'look-at'; readonly node: string | null }
  /** The ways back of these nodes are wanted (`learn`); nothing is changed. */
  | { readonly do: 'load-way-back'; readonly nodes: readonly string[] }
  /** Plays history: epoch ms to go to, how many times faster than it was, and whether it stands still. */
  | { readonly do: 'play'; readonly at: number; readonly speed: number; readonly paused: boolean };

/** A question that has to be answered with one of its keys before anything is said; every other key is no. */
export type Ask = {
  /** One line that names nodes and consequence. */
  readonly question: string;
  readonly choices: readonly { readonly key: string; readonly label: string; readonly effects: readonly Effect[] }[];
  /** The nodes whose way back is shown below the question. */
  readonly back?: readonly string[];
};

/** How the rows of the fleet are ordered; what waits for a person always comes first. */
export type Sort = 'state' | 'name' | 'time';

/** Where the cursor is: on a row, which is a node or a folded group. The node finds it again when the group has changed. */
export type Cursor = { readonly row: string; readonly node: string };

/** What a person sees of the fleet. */
export type FleetUi = {
  readonly cursor?: Cursor;
  /** The first row that is shown below the pinned ones. */
  readonly top: number;
  readonly filter: string;
  readonly sort: Sort;
  /** All groups folded, none, or those that are worth it. */
  readonly folds: 'auto' | 'all' | 'none';
  /** Groups that a person turned from what `folds` says. */
  readonly turned: readonly string[];
};

/** What a person sees of one node. */
export type NodeUi = {
  readonly name: string;
  /** The step under the cursor; absent: the one that the node is at. */
  readonly step?: string;
  /** Where the keys go. */
  readonly pane: 'steps' | 'output';
  /** The last line of output that is shown, counted from the first; absent: follows what comes. */
  readonly last?: number;
  readonly search: string;
};

/** History that is played: absent when a run is watched live. */
export type PlayUi = { readonly from: number; readonly to: number; readonly speed: number; readonly paused: boolean };

/** What is being typed: what narrows or is searched at once, or an answer, about which is asked before it is said. */
export type Typing =
  | { readonly what: 'filter' | 'search'; readonly text: string; readonly before: string }
  | { readonly what: 'answer'; readonly text: string; readonly step: string; readonly nodes: readonly string[] };

/** What the person sees of the model, and what is being typed or asked. */
export type Ui = {
  readonly fleet: FleetUi;
  /** Set while one node is looked at. */
  readonly node?: NodeUi;
  /** Set while the keys are listed: the first line shown. */
  readonly help?: number;
  readonly typing?: Typing;
  readonly ask?: Ask & { readonly top: number };
  /** One line: why a key did nothing, or what was said. */
  readonly notice?: { readonly words: string; readonly bad: boolean };
  readonly play?: PlayUi;
};

/** What a key led to. */
export type Pressed = { readonly ui: Ui; readonly effects: readonly Effect[] };

/** How the screen is seen at first. */
export const startUi: Ui = { fleet: { top: 0, filter: '', sort: 'state', folds: 'auto', turned: [] } };

const pressHelp = (ui: Ui, top: number, name: string, { rows }: Size): Pressed => {
  const to = moved(name, top, helpCount - rows + 2, rows - 1);
  if (to !== undefined) return { ui: { ...ui, help: to }, effects: [] };
  const { help: _help, ...rest } = ui;
  return { ui: rest, effects: [] };
};

/** What a key does: how the screen is seen now, and what is asked of the world outside. Every key has an effect or says why it has none. */
export const press = (before: Ui, model: Model, key: Key, size: Size = { columns: 80, rows: 24 }): Pressed => {
  const { notice: _notice, ...ui } = before;
  if (key.name === 'ctrl+c') return pressLeave(ui, model, true);
  if (key.name === 'ctrl+z') return { ui, effects: [{ do: 'suspend' }] };
  if (ui.typing) return pressTyping(ui, ui.typing, model, key);
  if (ui.ask) return pressAsk(ui, ui.ask, model, key);
  if (ui.help !== undefined) return pressHelp(ui, ui.help, key.name, size);
  if (key.name === '?') return { ui: { ...ui, help: 0 }, effects: [] };
  const played = ui.play && pressPlay(ui, ui.play, model.now, key);
  if (played) return played;
  const looked = ui.node ? pressNode(ui, ui.node, model, key, size) : pressFleet(ui, model, key, size);
  if (looked) return looked;
  if (key.name === 'q') return pressLeave(ui, model, false);
  const acted = pressAct(ui, model, key);
  return acted ?? { ui: { ...ui, notice: { words: `${key.name} is no key here; ? lists the keys`, bad: true } }, effects: [] };
};

/** All that is on the screen now. */
export const frame = (ui: Ui, model: Model, size: Size, look: Look): Frame => {
  const drawn =
    ui.help !== undefined ? helpFrame(ui, size) : ui.node ? nodeFrame(ui, ui.node, model, size, look) : fleetFrame(ui, model, size);
  const whole = exactly(drawn, size);
  return look.ascii === true ? inAscii(whole) : whole;
};
