import type { SecretRef } from '../core/command.ts';
import type { Notifier } from '../core/ports.ts';
import type { Env } from './context.ts';

/** Tells people by a webhook. It is loaded when there is something to tell. */
export const notifierFor = (ref: SecretRef, env: Env): Notifier => ({
  tell: async (notice, signal) => {
    const [{ webhook }, { noticeBody }] = await Promise.all([import('../channels/webhook.ts'), import('../words/notice.ts')]);
    return webhook(ref, env)(
      noticeBody(notice, Date.now(), (ms) => new Date(ms).toISOString()),
      signal,
    );
  },
});
