import { printable, table } from '../words/text.ts';

/** One thing that `drover doctor` looked at. */
export type Finding = {
  /** `redis`, `cluster`, a node's name … */
  readonly about: string;
  readonly level: 'ok' | 'warning' | 'missing';
  readonly says: string;
};

/** All is well with something. */
export const ok = (about: string, says: string): Finding => ({ about, level: 'ok', says });
/** Something that may hurt later. */
export const warning = (about: string, says: string): Finding => ({ about, level: 'warning', says });
/** Something without which a run cannot begin. */
export const missing = (about: string, says: string): Finding => ({ about, level: 'missing', says });

const signs = { ok: '✓', warning: '!', missing: '✗' } as const;

/** Findings as lines, and a last one that sums up. */
export const findingLines = (findings: readonly Finding[]): readonly string[] => {
  const bad = findings.filter(({ level }) => level === 'missing').length;
  const doubtful = findings.filter(({ level }) => level === 'warning').length;
  const sum =
    bad === 0 && doubtful === 0
      ? 'all is well'
      : [bad > 0 && `${bad} missing (✗)`, doubtful > 0 && `${doubtful} to look at (!)`].filter((part) => part !== false).join(', ');
  return [...table(findings.map(({ about, level, says }) => [`${signs[level]} ${about}`, printable(says)])), '', sum];
};
