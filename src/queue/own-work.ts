import type { Leases } from './lease.ts';
import type { Station } from './station.ts';
import type { Holding, Lack } from './workers-alive.ts';

/** What a worker does at this moment, for its sign of life; and what it could not do of late. */
export type OwnWork = {
  /** The station to work with: it notes what is held. */
  readonly station: Station;
  holds(): readonly Holding[];
  lacks(): readonly Lack[];
  /** A turn of a run could not even begin here: no runbook, or one that does not take the run's parameters. */
  cannot(run: string, why: string): { readonly forMs: number };
};

/** What was lacking and was not asked for again for so long is forgotten: somebody else has the run, or it is there now. */
const FORGET_MS = 10_000;

/** Begins to note what a worker does. */
export const ownWork = (station: Station): OwnWork => {
  const held = new Map<string, number>();
  const lacking = new Map<string, { readonly why: string; readonly since: number; readonly last: number }>();
  const leases: Leases = {
    ...station.leases,
    take: async (name, owner, ttlMs, atLeast) => {
      const taken = await station.leases.take(name, owner, ttlMs, atLeast);
      if (taken.kind === 'taken') held.set(name, Date.now());
      return taken;
    },
    release: async (name, owner, fence) => {
      held.delete(name);
      await station.leases.release(name, owner, fence);
    },
  };
  const forget = (): void => {
    for (const [run, { last }] of lacking) if (Date.now() - last > FORGET_MS) lacking.delete(run);
  };
  return {
    station: { ...station, leases },
    holds: () => [...held].map(([name, since]) => ({ name, since })),
    lacks: () => {
      forget();
      return [...lacking].map(([run, { why }]) => ({ run, why }));
    },
    cannot: (run, why) => {
      forget();
      const now = Date.now();
      const since = lacking.get(run)?.since ?? now;
      lacking.set(run, { why, since, last: now });
      return { forMs: now - since };
    },
  };
};
