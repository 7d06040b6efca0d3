/** What the id of a step on the way back begins with; behind it stands the id of the step that it takes back. */
export const UNDO = 'undo.';

/** Whether a step belongs to the way back, by its id. */
export const isUndo = (step: string): boolean => step.startsWith(UNDO);
