import type { VirtualTime } from '../sim/virtual-time.ts';

type Job = { busy: boolean; again: boolean; forget: () => void };

/**
 * Work in virtual time that is taken up again and again, as jobs of a queue are: at most one turn of each at once.
 *
 * @param turn says in how many milliseconds it wants another one; null when only a wake brings it
 */
export const virtualJobs = (
  time: VirtualTime,
  turn: (job: string) => Promise<number | null>,
  failed: (error: unknown) => void,
): { wake(job: string): Promise<void> } => {
  const jobs = new Map<string, Job>();
  const later = (name: string, job: Job, ms: number): void => {
    job.forget();
    job.forget = time.at(time.now() + Math.max(1, ms), () => void work(name, job));
  };
  const work = async (name: string, job: Job): Promise<void> => {
    job.busy = true;
    job.again = false;
    const next = await turn(name).catch((error: unknown) => {
      failed(error);
      return null;
    });
    job.busy = false;
    // a wake that comes while it is at work is heard behind it
    if (job.again || next !== null) later(name, job, job.again ? 0 : (next ?? 0));
  };
  return {
    wake: async (name) => {
      const job = jobs.get(name) ?? { busy: false, again: false, forget: () => undefined };
      jobs.set(name, job);
      if (job.busy) job.again = true;
      else later(name, job, 0);
    },
  };
};
