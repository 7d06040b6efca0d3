import type { Key as InkKey } from 'ink';
import { graphemes } from '../graphemes.ts';
import type { Key } from '../ui.ts';

const named = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const;

const CTRL_Z = 26;

/** One character as a key; keys that were pressed fast come in one text, the control characters among them. */
const one = (character: string): readonly Key[] => {
  if (character === '\r' || character === '\n') return [{ name: 'enter' }];
  if (character === '\t') return [{ name: 'tab' }];
  const code = character.codePointAt(0) ?? 0;
  if (code >= 1 && code <= CTRL_Z) return [{ name: `ctrl+${String.fromCodePoint(code + 96)}` }];
  if (/\p{Cc}/u.test(character)) return [];
  return [{ name: character === ' ' ? 'space' : character, text: character }];
};

/** A pasted text as keys: as if it had been typed on one line, so that a line break in it confirms nothing. */
export const pastedKeys = (text: string): readonly Key[] => graphemes(text.replaceAll(/\p{Cc}+/gu, ' ').trim()).flatMap(one);

const withoutAlt = (input: string, key: InkKey): readonly Key[] => {
  const found = named.find(([flag]) => key[flag]);
  if (found) return [{ name: found[1] }];
  if (key.tab) return [{ name: key.shift ? 'shift+tab' : 'tab' }];
  if (key.ctrl) return /^[a-z]$/.test(input) ? [{ name: `ctrl+${input}` }] : [];
  return graphemes(input).flatMap(one);
};

/**
 * What Ink heard, as keys; several where several characters came at once. What no key of the screen is, is none.
 *
 * Escape and a key right behind it come as that key with alt held, over a slow line also when somebody pressed the one after the other: so they are both.
 */
export const keysOf = (input: string, key: InkKey): readonly Key[] => {
  if (key.eventType === 'release') return [];
  return key.meta ? [{ name: 'escape' }, ...withoutAlt(input, key)] : withoutAlt(input, key);
};
