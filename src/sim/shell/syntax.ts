/** A piece of a word. What is quoted is neither split nor matched against file names. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean; readonly fallback?: Word }
  | { readonly kind: 'output'; readonly script: Script; readonly quoted: boolean };
/** What becomes no, one or several arguments. */
export type Word = readonly Part[];

/** A redirect of a file descriptor. `&` points it where another descriptor points. */
export type Redirect = { readonly fd: number; readonly op: '>' | '>>' | '<' | '&'; readonly target: Word };

/** What one stage of a pipeline is. */
export type Command =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly { readonly name: string; readonly value: Word }[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly kind: 'group' | 'subshell'; readonly body: Script; readonly redirects: readonly Redirect[] };

/** Commands joined by `|`; `negated` has a `!` in front. */
export type Pipeline = { readonly negated: boolean; readonly commands: readonly Command[] };
/** Pipelines joined by `&&` and `||`, from the left. */
export type AndOr = { readonly first: Pipeline; readonly rest: readonly { readonly op: '&&' | '||'; readonly pipeline: Pipeline }[] };
/** Commands one after another. */
export type Script = readonly AndOr[];

/** The script uses something of the shell that the simulator does not have. */
export class UnknownSyntax extends Error {
  constructor(what: string) {
    super(`the simulator does not know ${what}`);
    this.name = 'UnknownSyntax';
  }
}
