import type { Attempt } from './error.ts';

/** What a look at all of a node's addresses after a boot tells. The five words of design rule 5. */
export type Verdict =
  | { readonly verdict: 'rebooted-at-new'; readonly address: string }
  | { readonly verdict: 'rebooted-at-old'; readonly address: string; readonly wished: string }
  | { readonly verdict: 'not-rebooted'; readonly address: string }
  | { readonly verdict: 'another-machine'; readonly address: string; readonly message: string }
  | { readonly verdict: 'nobody'; readonly addresses: readonly string[] };

/** What a reconnect came to: the node at an address on a boot, or what each address answered. */
export type Contact = { readonly address: string; readonly bootId: string } | { readonly attempts: readonly Attempt[] };

/** Names what a contact means for a node that was on `baseline` and should move to `wished` (null: it stays where it is). */
export const verdictOf = (contact: Contact, baseline: string, wished: string | null): Verdict => {
  if ('bootId' in contact) {
    if (contact.bootId === baseline) return { verdict: 'not-rebooted', address: contact.address };
    if (wished !== null && contact.address !== wished) return { verdict: 'rebooted-at-old', address: contact.address, wished };
    return { verdict: 'rebooted-at-new', address: contact.address };
  }
  const stranger = contact.attempts.find(({ reason }) => reason === 'host-key' || reason === 'identity');
  if (stranger) return { verdict: 'another-machine', address: stranger.address, message: stranger.message };
  return { verdict: 'nobody', addresses: contact.attempts.map(({ address }) => address) };
};

/** The verdict in one sentence for people. `guarded`: a guard on the node may have something to do with it. */
export const showVerdict = (verdict: Verdict, guarded = false): string => {
  switch (verdict.verdict) {
    case 'rebooted-at-new':
      return `rebooted, answers at ${verdict.address}`;
    case 'rebooted-at-old':
      return `rebooted, but at its old address ${verdict.address} instead of ${verdict.wished}: ${guarded ? 'the configuration did not take, or its guard took it back' : 'the configuration did not take'}`;
    case 'not-rebooted':
      return `has not rebooted yet, still answers at ${verdict.address} on the same boot`;
    case 'another-machine':
      return `another machine answers at ${verdict.address}: ${verdict.message}`;
    case 'nobody':
      return `nobody answers at ${verdict.addresses.join(' or ')}`;
  }
};
