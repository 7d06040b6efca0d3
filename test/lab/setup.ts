import { say } from './log.ts';
import { ensureReady } from './ready.ts';
import { missing } from './requirements.ts';

/** Before any suite: everything is there, or one message says what is not. Nothing is skipped, in CI or elsewhere. */
export const setup = async (): Promise<void> => {
  const message = await missing();
  if (message !== null) {
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
  const { ready } = await ensureReady(1);
  say(`the lab starts from ${ready}`);
};
