import { isVersion, versionAmong } from './version-is.ts';

/** What is known of the program behind a service on a node: which version runs since when, and which were installed when. Times are epoch ms. */
export type RuntimeLife = {
  /** The version that runs now, and since when. */
  readonly running: string;
  readonly sinceMs: number;
  /** Everything that runs was started by then or later. */
  readonly bootedMs: number;
  /** Oldest first. `before` is the version that was replaced: null where there was none, undefined where the record does not tell. */
  readonly installs: readonly { readonly atMs: number; readonly version: string; readonly before?: string | null }[];
};

/** How far the clocks of a node and of the API server may lie apart: something made shortly before the bad version began counts as made by it. */
const SKEW_MS = 60_000;

type Era = { readonly version: string; readonly fromMs: number; readonly replacedMs: number };

const UNKNOWN = '';

/** The installed versions one after another; what was there before the first record is unknown, unless the record tells. */
const eras = ({ installs }: RuntimeLife): readonly Era[] => {
  const [first] = installs;
  const eldest = first?.before === undefined ? UNKNOWN : first.before;
  const ahead: Era[] = eldest === null ? [] : [{ version: eldest, fromMs: Number.NEGATIVE_INFINITY, replacedMs: first?.atMs ?? Infinity }];
  return [
    ...ahead,
    ...installs.map(({ atMs, version }, index): Era => ({ version, fromMs: atMs, replacedMs: installs[index + 1]?.atMs ?? Infinity })),
  ];
};

/** The versions that may have run at a moment; an installed one may not have been started yet, and a replaced one runs on until the next known start. */
const mayHaveRun = (life: RuntimeLife, atMs: number): readonly string[] => {
  if (atMs >= life.sinceMs) return [life.running];
  const starts = [life.bootedMs, life.sinceMs];
  return eras(life)
    .filter(({ fromMs, replacedMs }) => fromMs <= atMs && !starts.some((start) => replacedMs <= start && start <= atMs))
    .map(({ version }) => version);
};

/** Whether another version than the one that runs now may have run here since the boot. */
export const wasReplaced = (life: RuntimeLife): boolean => {
  const moments = [life.bootedMs, life.sinceMs, ...life.installs.map(({ atMs }) => atMs)].filter((at) => at >= life.bootedMs);
  return moments.flatMap((at) => mayHaveRun(life, at)).some((version) => !isVersion(version, life.running));
};

/**
 * Why something that was made at a moment may be the work of a bad version, in words; undefined when it is not.
 *
 * On a node that has booted since, it was made anew at the boot at the earliest. Where nobody can tell which version ran it counts as bad.
 */
export const madeByBad = (life: RuntimeLife, createdMs: number, bad: readonly string[]): string | undefined => {
  const madeMs = Math.max(createdMs, life.bootedMs);
  const when = createdMs < life.bootedMs ? 'made anew at the boot' : 'made';
  const sure = mayHaveRun(life, madeMs);
  for (const version of [...sure, ...mayHaveRun(life, madeMs + SKEW_MS)]) {
    const found = version === UNKNOWN ? undefined : versionAmong(version, bad);
    if (found === undefined) continue;
    const only = sure.length === 1 && isVersion(sure[0] ?? '', found);
    return only ? `${when} while ${found} ran` : `${when} while ${found} may have run`;
  }
  return sure.includes(UNKNOWN) ? `${when} before anything is on record about which version ran` : undefined;
};
