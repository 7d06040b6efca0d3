import { DroverError, errorData } from '../core/error.ts';
import { isJsonObject } from '../core/json.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { printable } from '../words/text.ts';

/** An error as the user gets it. */
export type Report = { readonly text: string; readonly exitCode: ExitCode };

const codes: Readonly<Record<string, ExitCode>> = {
  UsageError: exitCodes.usage,
  PlanDriftError: exitCodes.usage,
  // what reaches the command line, and not a journal, was thrown before anything was touched
  ConnectionError: exitCodes.usage,
  ClusterError: exitCodes.usage,
  CommandError: exitCodes.failed,
  UnmetError: exitCodes.failed,
  RedisError: exitCodes.trouble,
  JournalConflictError: exitCodes.trouble,
  CancelledError: exitCodes.interrupted,
};

const placeOf = (error: DroverError): string => {
  const detail = error.detail;
  if (!isJsonObject(detail) || typeof detail['file'] !== 'string') return '';
  const line = typeof detail['line'] === 'number' ? `:${detail['line']}` : '';
  const column = line !== '' && typeof detail['column'] === 'number' ? `:${detail['column']}` : '';
  return `${detail['file']}${line}${column}: `;
};

/** Turns whatever was thrown into one clear message and an exit code; only a bug shows its stack, and only when `debug` is on. */
export const report = (error: unknown, debug: boolean): Report => {
  if (error instanceof DroverError) {
    const place = placeOf(error);
    const message = place !== '' && error.message.startsWith(place) ? error.message : place + error.message;
    const stack = debug ? `\n${error.stack ?? ''}` : '';
    return { text: `drover: ${printable(message, '\n')}${stack}`, exitCode: codes[error.name] ?? exitCodes.trouble };
  }
  const { message } = errorData(error);
  const stack = error instanceof Error && debug ? `\n${error.stack ?? ''}` : '';
  const hint = debug ? '' : '\nNothing was decided on the strength of it. Run it again with DROVER_DEBUG=1 and send what it prints.';
  return { text: `drover: ${printable(message, '\n')}${stack}${hint}`, exitCode: exitCodes.trouble };
};
