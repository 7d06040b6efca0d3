import type { Clock } from '../../core/ports.ts';
import type { Extra } from '../kubernetes.ts';
import { standInHttp } from '../stand-ins.ts';
import { helm } from './command.ts';
import type { Releases } from './releases.ts';

/** Answers the stand-in for helm(1). */
export const helmHttp = (releases: Releases, clock: Clock, helmMs: number, signal: AbortSignal): Extra =>
  standInHttp('helm', async (argv) => {
    const { waitMs, ...result } = helm(releases, argv, new Date(clock.now()).toISOString(), helmMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    return result;
  });
