/** A part of a list that has no room as a whole. */
export type Window = { readonly from: number; readonly to: number };

/** The part of `count` things that is shown in `room` lines: as it was scrolled, moved just so far that the cursor is in it. */
export const windowOn = (count: number, room: number, top: number, cursor: number | undefined): Window => {
  const most = Math.max(0, count - room);
  const moved = cursor === undefined ? top : Math.min(Math.max(top, cursor - room + 1), Math.max(0, cursor));
  const from = Math.min(Math.max(0, moved), most);
  return { from, to: Math.min(count, from + Math.max(0, room)) };
};

/** The rooms of the pinned rows and the others, and what is shown in each; the pinned ones get at most half. */
export const twoWindows = (
  rows: { readonly pinned: number; readonly count: number },
  room: number,
  top: number,
  cursor: number,
): { readonly pinned: Window; readonly rest: Window } => {
  const others = rows.count - rows.pinned;
  const pinnedRoom = Math.min(rows.pinned, Math.max(Math.ceil(room / 2), room - others));
  const onPinned = cursor < rows.pinned;
  const pinned = windowOn(rows.pinned, pinnedRoom, 0, onPinned ? cursor : 0);
  const rest = windowOn(others, room - pinnedRoom, top, onPinned ? undefined : cursor - rows.pinned);
  return { pinned, rest: { from: rest.from + rows.pinned, to: rest.to + rows.pinned } };
};
