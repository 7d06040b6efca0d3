import type { SecretRef } from '../core/command.ts';
import { DroverError } from '../core/error.ts';
import type { Json } from '../core/json.ts';
import type { Clock, Sent } from '../core/ports.ts';
import { type Environment, resolveSecret } from './secret.ts';
import { wallClock } from './wall-clock.ts';

/** How long one attempt may take. */
const ATTEMPT_MS = 5000;
/** One more attempt after this time, and no third: people are reminded anyway. */
const PAUSE_MS = 1000;
const ATTEMPTS = 2;

/** What an attempt came to; what may be another the next time is worth one. */
type Tried = Sent & { readonly again?: boolean };

const codeOf = (error: unknown): string | undefined => {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
};

/** The address, if it is one; its text is shown nowhere, because it may hold a token. */
const addressOf = (text: string): URL | undefined => {
  const url = URL.parse(text.trim());
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '' ? url : undefined;
};

const namedBy = (ref: SecretRef): string => ('env' in ref ? `the environment variable ${ref.env}` : `the file ${ref.file}`);

/** The address that a reference leads to, or why it leads to none, in words that show nothing of it. */
export const webhookAddress = async (ref: SecretRef, env: Environment): Promise<URL | string> => {
  try {
    return addressOf(await resolveSecret(ref, env)) ?? `${namedBy(ref)} holds no address of a webhook: https://…, without a user name`;
  } catch (error) {
    if (error instanceof DroverError) return error.message;
    throw error;
  }
};

const attempt = async (url: URL, body: string, signal: AbortSignal): Promise<Tried> => {
  const late = AbortSignal.timeout(ATTEMPT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // what stands in the answer must not lead the notice elsewhere
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    // nobody reads it, and an open one keeps its connection
    await response.body?.cancel().catch(() => undefined);
    if (response.ok) return { ok: true };
    const { status } = response;
    if (status >= 300 && status < 400)
      return { ok: false, why: `the webhook redirects (HTTP ${status}), and drover follows nowhere: give its own address` };
    return { ok: false, why: `the webhook answered HTTP ${status}`, again: status >= 500 || status === 429 };
  } catch (error) {
    if (signal.aborted) return { ok: false, why: 'drover was stopping' };
    if (late.aborted) return { ok: false, why: `the webhook did not answer within ${ATTEMPT_MS / 1000} s`, again: true };
    // no message of fetch is shown: some have the address in them
    return { ok: false, why: `the webhook cannot be reached (${codeOf(error) ?? 'the connection failed'})`, again: true };
  }
};

/**
 * Posts JSON to a webhook whose address is a secret: resolved when something is sent, and never shown.
 *
 * Bounded by two attempts of 5 s. Never throws.
 */
export const webhook =
  (ref: SecretRef, env: Environment, clock: Clock = wallClock): ((body: Json, signal: AbortSignal) => Promise<Sent>) =>
  async (body, signal) => {
    const url = await webhookAddress(ref, env);
    if (typeof url === 'string') return { ok: false, why: url };
    const text = JSON.stringify(body);
    let tried = await attempt(url, text, signal);
    for (let number = 1; number < ATTEMPTS && !tried.ok && tried.again === true && !signal.aborted; number += 1) {
      await clock.sleep(PAUSE_MS, signal);
      tried = await attempt(url, text, signal);
    }
    return tried.ok ? { ok: true } : { ok: false, why: tried.why };
  };
