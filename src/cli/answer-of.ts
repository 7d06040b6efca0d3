import { z } from 'zod';
import type { Json } from '../core/json.ts';

/** What somebody typed as an answer: JSON where it is JSON, else the text itself. */
export const answerOf = (text: string): Json => {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return text;
  }
};
