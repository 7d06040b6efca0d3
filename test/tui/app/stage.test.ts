import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Stage, openStage } from '../../../src/tui/app/stage.ts';

test('says that the terminal is gone when there is a stage to close, also where it goes while that is opened', async () => {
  const { stdin, stdout, stderr } = process;
  vi.spyOn(stdout, 'write').mockReturnValue(true);
  const was = { isTTY: stdin.isTTY, setRawMode: stdin.setRawMode };
  onTestFinished(() => {
    Object.assign(stdin, was);
    vi.restoreAllMocks();
  });
  // as a terminal does that was closed
  const closed = (): void => void stdin.emit('error', new Error('setRawMode EIO'));
  Object.assign(stdin, { isTTY: true, setRawMode: () => (closed(), stdin) });
  const before = process.listeners('SIGTSTP').length;
  let lost = 0;
  const stage: Stage = openStage({ stdin, stdout, stderr }, () => ({ rows: [] }), {
    key: () => undefined,
    lost: () => {
      lost += 1;
      stage.close();
    },
    leaving: () => undefined,
  });
  await turn();
  expect({ lost, left: process.listeners('SIGTSTP').length - before }).toEqual({ lost: 1, left: 0 });
});
