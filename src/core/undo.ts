/** What the id of a step on the way back begins with; behind it stands the id of the step that it takes back. */
export const UNDO = 'undo.';

/** What the id of an opened step begins with that is opened again for the way back. */
export const REOPEN = `${UNDO}reopen.`;

/** Whether a step belongs to the way back, by its id. */
export const isUndo = (step: string): boolean => step.startsWith(UNDO);
