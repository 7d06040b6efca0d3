import type { Standing } from '../model.ts';
import type { Line, Tone } from './frame.ts';
import { signs } from './signs.ts';
import { span } from './text.ts';

/** How a standing is shown: its sign, its word in the counts, and how loud it is. */
export const shown: Readonly<Record<Standing, { readonly sign: string; readonly word: string; readonly tone: Tone }>> = {
  waits: { sign: signs.waits, word: 'waiting for you', tone: 'warn' },
  failed: { sign: signs.failed, word: 'failed', tone: 'bad' },
  refused: { sign: signs.failed, word: 'refused', tone: 'bad' },
  parked: { sign: '~', word: 'parked', tone: 'warn' },
  paused: { sign: signs.waits, word: 'paused', tone: 'warn' },
  running: { sign: signs.running, word: 'running', tone: 'active' },
  pending: { sign: signs.pending, word: 'pending', tone: 'dim' },
  cancelled: { sign: signs.skipped, word: 'cancelled', tone: 'plain' },
  'rolled-back': { sign: signs.undone, word: 'rolled back', tone: 'plain' },
  succeeded: { sign: signs.verified, word: 'done', tone: 'good' },
};

/** The order in which the counts are told. */
export const standings: readonly Standing[] = [
  'waits',
  'failed',
  'refused',
  'parked',
  'paused',
  'running',
  'pending',
  'cancelled',
  'rolled-back',
  'succeeded',
];

const toneOfSign: Readonly<Record<string, Tone>> = {
  [signs.verified]: 'good',
  [signs.running]: 'active',
  [signs.pending]: 'dim',
  [signs.skipped]: 'dim',
  [signs.failed]: 'bad',
  [signs.undone]: 'warn',
  [signs.unknown]: 'warn',
  [signs.waits]: 'warn',
};

/** The tone of one sign of a strip. */
export const signTone = (sign: string): Tone => toneOfSign[sign] ?? 'plain';

/** A strip as spans: equal neighbours share one. */
export const stripLine = (strip: string): Line => [...strip.matchAll(/(.)\1*/gu)].map(([run, sign = '']) => span(run, signTone(sign)));
