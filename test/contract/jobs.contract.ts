import { describe, expect, test } from 'vitest';
import type { Journal } from '../../src/core/ports.ts';
import { drain } from '../../src/steps/drain.ts';
import { jobsEnded } from '../../src/steps/jobs-ended.ts';
import { type Drained, type Plot, say } from './drain-ground.ts';

const JOB = 'runner-t1-project-7-concurrent-0-x1';
const steps = [jobsEnded({ wait: '10s', within: '60s' }), drain()];

/** The events of a run by step, in short. */
const told = ({ events }: Drained): readonly string[] =>
  events.flatMap((event) => ('step' in event && event.type !== 'step.blocked' ? [`${event.type} ${event.step}`] : []));

/** Says something once, as soon as it is asked for. */
const answering = (answer: string): ((journal: Journal) => Promise<void>) => {
  let said = false;
  return async (journal) => {
    const asked = (await journal.read('r1', 'n1')).some(({ type }) => type === 'step.asked');
    if (said || !asked) return;
    said = true;
    await journal.control('r1', say(answer));
  };
};

/** What becomes of CI jobs that run on a node which is drained. */
export const jobsContract = (here: () => Plot): void => {
  const job = async (): Promise<void> => {
    await here().pod({
      name: JOB,
      owner: null,
      emptyDir: true,
      labels: { pod: 'runner-t1-project-7-concurrent-0' },
      annotations: { 'job.runner.gitlab.com/id': '42', 'job.runner.gitlab.com/name': 'build' },
    });
    await here().pod({ name: 'web', owner: 'Job/web' });
  };

  describe('with CI jobs', () => {
    test('waits for them and asks nobody when they end in time; nothing else is evicted before', async () => {
      await job();
      const drained = await here().run(steps, async (_journal, turn) => {
        if (turn === 2) {
          expect(await here().on('n1')).toEqual([JOB, 'web']);
          await here().end(JOB);
        }
      });
      expect(drained.ended).toEqual({ kind: 'finished', outcome: 'succeeded' });
      expect(told(drained)).toEqual(['step.started jobs-ended', 'step.verified jobs-ended', 'step.started drain', 'step.verified drain']);
      expect(drained.events.find(({ type }) => type === 'step.blocked')).toMatchObject({
        step: 'jobs-ended',
        by: [{ pod: expect.stringContaining(JOB), by: 'CI job 42 (build)' }],
      });
    });

    test('asks a person after its time, and kills them when that is said', async () => {
      await job();
      const drained = await here().run(steps, answering('kill'));
      expect(drained.ended).toEqual({ kind: 'finished', outcome: 'succeeded' });
      expect(await here().on('n1')).toEqual([]);
      const asked = drained.events.find(({ type }) => type === 'step.asked');
      expect(asked).toMatchObject({ step: 'jobs-ended', choices: ['wait', 'kill', 'give up'] });
      expect(asked).toMatchObject({ instructions: expect.stringContaining('CI job 42 (build)') });
      expect(told(drained).filter((line) => line.startsWith('step.started'))).toEqual(['step.started jobs-ended', 'step.started drain']);
    });

    test('touches no pod when a person gives up', async () => {
      await job();
      const drained = await here().run(steps, answering('give up'));
      expect(drained.ended).toEqual({ kind: 'finished', outcome: 'failed' });
      expect(await here().on('n1')).toEqual([JOB, 'web']);
      expect(drained.events.find(({ type }) => type === 'step.failed')).toMatchObject({
        unmet: expect.arrayContaining(['a person gives it up']),
      });
    });

    test('waits on when a person says so, within the bound of the step', async () => {
      await job();
      const waiting = answering('wait');
      const drained = await here().run(steps, async (journal) => {
        await waiting(journal);
        const events = await journal.read('r1', 'n1');
        const since = events.find(({ type }) => type === 'step.answered')?.at;
        if (since !== undefined && here().ground.clock.now() - since > 10_000) await here().end(JOB);
      });
      expect(drained.ended).toEqual({ kind: 'finished', outcome: 'succeeded' });
      expect(told(drained).filter((line) => line.startsWith('step.asked'))).toHaveLength(1);
    });

    test('fails when nobody answers in time, with the jobs that still run', async () => {
      await job();
      const drained = await here().run(steps);
      expect(drained.ended).toEqual({ kind: 'finished', outcome: 'failed' });
      expect(drained.events.find(({ type }) => type === 'step.failed')).toMatchObject({
        step: 'jobs-ended',
        unmet: [`${here().namespace}/${JOB} runs CI job 42 (build)`],
      });
      expect(await here().on('n1')).toEqual([JOB, 'web']);
    });
  });
};
