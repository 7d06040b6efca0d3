import { type DeadmanStatus, askDeadman, parseDeadman } from '../core/deadman.ts';
import { isJsonObject } from '../core/json.ts';
import type { Acted } from './act.ts';
import type { Hold } from './hold.ts';
import { LOOK_MS } from './session.ts';

/** The node keeps what it was last told to do by this name, so that arming a guard is never taken for the activation itself. */
export const intentOf = (activation: string): string => `guard:${activation}`;

/** Where the guard on the node stands. @throws ConnectionError, CommandError */
export const askGuard = async ({ session }: Hold): Promise<DeadmanStatus> => {
  const [result] = (await session.world.node?.read([askDeadman], { signal: session.assignment.signal, timeoutMs: LOOK_MS })) ?? [];
  return result ? parseDeadman(result) : { guard: 'absent' };
};

/** The exit code of a command that the node has run; undefined when nobody heard of one. */
export const exitCodeOf = (acted: Acted): number | undefined => {
  if (acted.kind === 'done') return 0;
  const detail = acted.kind === 'refused' ? acted.error.detail : undefined;
  const code = isJsonObject(detail) ? detail['exitCode'] : undefined;
  return typeof code === 'number' ? code : undefined;
};

/** Why a command has not come to its end. */
export const whyOf = (acted: Acted): string => {
  switch (acted.kind) {
    case 'refused':
      return acted.error.message;
    case 'unknown':
    case 'absent':
    case 'stale':
    case 'replaced':
      return acted.why;
    case 'done':
    case 'asked':
    case 'pending':
      return '';
  }
};
