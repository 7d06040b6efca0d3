import { JournalConflictError } from '../core/error.ts';
import { isJsonObject } from '../core/json.ts';
import type { AppendAt } from '../core/ports.ts';

/** The end of a stream: how many events it has, and the fence of whoever wrote the last. */
export type Tail = { readonly seq: number; readonly fence: number };

/** Says why an append does not fit. */
export const conflict = (run: string, stream: string, at: AppendAt, tail: Tail): JournalConflictError => {
  const why =
    at.fence < tail.fence
      ? `somebody with fence ${tail.fence} has taken over, this writer has ${at.fence}`
      : at.afterSeq < tail.seq
        ? `somebody else has written ${tail.seq - at.afterSeq} more`
        : `the stream ends at ${tail.seq}: the journal has lost what had been acknowledged`;
  return new JournalConflictError(`run ${run}, ${stream}: event ${at.afterSeq + 1} was not written, ${why}`, {
    detail: { run, stream, afterSeq: at.afterSeq, fence: at.fence, tailSeq: tail.seq, tailFence: tail.fence },
  });
};

/** Whether the stream ends before what its writer has seen: the journal has lost something, and what was folded from it is no longer so. */
export const isCut = ({ detail }: JournalConflictError): boolean => {
  if (!isJsonObject(detail)) return false;
  const { tailSeq, afterSeq } = detail;
  return typeof tailSeq === 'number' && typeof afterSeq === 'number' && tailSeq < afterSeq;
};
