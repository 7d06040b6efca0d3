/**
 * What a finding is about.
 *
 * `unproven` configured, and nothing ever shows that it is in effect · `cordoned` nobody uncordons the node · `not-ready` uncordoned behind a boot
 * that nobody saw Ready · `after-proof` changed when all was proven · `unbounded` nothing says how long a person may take · `ids` and `deadman` what
 * no plan can have · `throws` the runbook has a bug.
 */
export type Rule = 'unproven' | 'cordoned' | 'not-ready' | 'after-proof' | 'unbounded' | 'ids' | 'deadman' | 'throws';

/** Something about a runbook that will hurt one day; `step` is null where it is about no single one. */
export type Finding = { readonly rule: Rule; readonly step: string | null; readonly message: string };
