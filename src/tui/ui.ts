import type { NewControl } from '../core/event.ts';

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

/** What the person sees of the model, and what is being typed or asked. */
export type Ui = {
  readonly fleet: FleetUi;
  /** Set while one node is looked at. */
  readonly node?: NodeUi;
  /** Set while the keys are listed: the first line shown. */
  readonly help?: number;
  readonly typing?: { readonly what: 'filter' | 'search'; readonly text: string; readonly before: string };
  readonly ask?: Ask & { readonly top: number };
  /** One line: why a key did nothing, or what was said. */
  readonly notice?: { readonly words: string; readonly bad: boolean };
  readonly play?: PlayUi;
};

/** What a key led to. */
export type Pressed = { readonly ui: Ui; readonly effects: readonly Effect[] };
