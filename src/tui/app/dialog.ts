import type { Key } from '../ui.ts';
import type { Frame, Size } from '../view/frame.ts';
import { paintRows } from './paint.ts';
import { type Terminal, openStage } from './stage.ts';

/** Something to be answered on the whole terminal. */
export type Dialog<S, A> = {
  readonly start: S;
  press(state: S, key: Key, size: Size): { readonly state: S; readonly answer?: A };
  frame(state: S, size: Size): Frame;
};

/** Asks on the whole terminal. @returns undefined when somebody stopped the process, or nobody is there any more */
export const askOnScreen = <S, A>(
  dialog: Dialog<S, A>,
  terminal: Terminal,
  colour: boolean,
  signal: AbortSignal,
): Promise<A | undefined> => {
  const answer = Promise.withResolvers<A | undefined>();
  let { start: state } = dialog;
  const paint = (size: Size) => {
    const { cursor, ...frame } = dialog.frame(state, size);
    return { rows: paintRows(frame, colour), ...(cursor && { cursor }) };
  };
  const end = (said: A | undefined): void => {
    stage.close();
    answer.resolve(said);
  };
  const stage = openStage(terminal, paint, {
    key: (key) => {
      if (key.name === 'ctrl+z') return void stage.suspend();
      const next = dialog.press(state, key, stage.size());
      state = next.state;
      if (next.answer !== undefined) return end(next.answer);
      stage.draw();
    },
    lost: () => end(undefined),
    leaving: () => undefined,
  });
  if (signal.aborted) end(undefined);
  else signal.addEventListener('abort', () => end(undefined), { once: true });
  return answer.promise;
};
