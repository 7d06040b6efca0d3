/**
 * What the guard on a node sees of itself, one word each, in this order:
 *
 * - `place`: `before` armed, and the move has not taken effect; `new` or `old`: which configuration the guard has in force.
 * - `boot`: whether it is the boot that it was armed on (`same`) or a `later` one.
 * - `files`: `kept` as they were when it was armed, or `changed`. Only looked at before the move.
 * - `live`: whose address the device has, `old`, `new` or `none`.
 * - `oldGateway`, `newGateway`: whether that gateway answers on the link.
 * - `time`: how long it has been so. `early`, `due` or `long`; before the move, how long the old gateway has been gone.
 * - `restart`: whether it has restarted the node since it was armed, `done` or `open`.
 * - `other`: whether another machine has the address of the other place, `free`, `taken` or `unasked`.
 */
export type DeadmanSeen = {
  readonly place: 'before' | 'new' | 'old';
  readonly boot: 'same' | 'later';
  readonly files: 'kept' | 'changed';
  readonly live: 'old' | 'new' | 'none';
  readonly oldGateway: 'there' | 'gone';
  readonly newGateway: 'there' | 'gone';
  readonly time: 'early' | 'due' | 'long';
  readonly restart: 'open' | 'done';
  readonly other: 'unasked' | 'free' | 'taken';
};

/**
 * What the guard does next.
 *
 * `wait` nothing · `hold` nothing, but it sees to it that its place is up · `judge` the move has taken effect, from now on it waits for
 * drover · `restart` it reboots the node · `ask` it looks whether the other address is free, and decides again · `old`, `new` it brings that
 * configuration up without a reboot.
 */
export type Deed = 'wait' | 'hold' | 'judge' | 'restart' | 'ask' | 'old' | 'new';

/** The order of the words in a row. */
export const SEEN = ['place', 'boot', 'files', 'live', 'oldGateway', 'newGateway', 'time', 'restart', 'other'] as const;

/** A row of the table: the words that each column may hold, `*` for any, and what follows. */
export type Row = { readonly when: readonly (readonly string[])[]; readonly deed: Deed; readonly why: string };

// place boot files live oldGateway newGateway time restart other | deed | why; `a/b` is either
const ROWS = `
before *     kept    *    *     *     *        *    *       | wait    | nothing has been changed yet
before later changed *    *     *     *        *    *       | judge   | the node has booted with what was changed
before same  changed new  *     *     *        *    *       | judge   | the new address is up, without a boot
before same  changed *    there *     *        *    *       | wait    | the old gateway answers: it has not been moved
before same  changed *    gone  there due/long open *       | restart | it was moved to the new network and not restarted
before same  changed *    gone  there due/long done *       | wait    | it has restarted itself once, and does not do so again
before same  changed *    gone  *     *        *    *       | wait    | the old gateway is gone: it may be on its way
new    *     *       *    *     *     early    *    *       | wait    | waits to be confirmed
new    *     *       *    *     there due      *    *       | hold    | the new gateway answers: drover may only be away
new    *     *       *    *     *     *        *    unasked | ask     | may the old address be used?
new    *     *       *    *     *     *        *    taken   | hold    | another machine has the old address
new    *     *       *    *     there long     *    free    | old     | not confirmed for long: offers the old address for a while
new    *     *       *    there gone  *        *    free    | old     | not confirmed, and only the old gateway answers
new    *     *       *    gone  gone  *        *    free    | old     | not confirmed, and no gateway answers
old    *     *       *    there gone  *        *    *       | hold    | the old gateway answers
old    *     *       *    *     *     early    *    *       | hold    | gives the old place its time
old    *     *       *    *     *     *        *    unasked | ask     | may the new address be used?
old    *     *       *    *     *     *        *    taken   | hold    | another machine has the new address
old    *     *       *    *     there *        *    free    | new     | the new gateway answers
old    *     *       *    gone  gone  *        *    free    | new     | no gateway answers at the old place
`;

const deeds: readonly Deed[] = ['wait', 'hold', 'judge', 'restart', 'ask', 'old', 'new'];
const rowOf = (line: string): Row => {
  const [when = '', deed = '', why = ''] = line.split('|').map((part) => part.trim());
  return { when: when.split(/\s+/).map((words) => words.split('/')), deed: deeds.find((one) => one === deed) ?? 'wait', why };
};

/** The guard's decision as a table: the first row whose words all fit holds. The node's script and the simulator are both made from it. */
export const DEADMAN_TABLE: readonly Row[] = ROWS.trim().split('\n').map(rowOf);

const fits = ({ when }: Row, seen: DeadmanSeen): boolean =>
  SEEN.every((name, column) => when[column]?.some((word) => word === '*' || word === seen[name]) === true);

/** What the guard does about what it sees. */
export const decideDeadman = (seen: DeadmanSeen): Pick<Row, 'deed' | 'why'> =>
  DEADMAN_TABLE.find((row) => fits(row, seen)) ?? { deed: 'wait', why: 'nothing of the kind is foreseen' };
