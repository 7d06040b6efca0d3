/** Where a secret comes from on the controller. Only the reference is ever stored; it is resolved where the command is sent. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/**
 * A shell command for the node, run there by POSIX sh as root.
 *
 * `masked` is the only form that is shown or stored. `secrets` are shell variables that the channel sets from the references right before
 * it sends the command, on stdin, so that they appear in no process list.
 */
export type NodeCommand = {
  readonly via: 'ssh';
  readonly text: string;
  readonly masked: string;
  readonly stdin?: string;
  readonly secrets?: Readonly<Record<string, SecretRef>>;
  /** Runs as a unit of its own on the node: it goes on when the connection or the worker dies, and who comes next takes its output and exit status. */
  readonly durable?: boolean;
};

/** A program on the controller, as words: no shell is involved. */
export type ControlCommand = {
  readonly via: 'control';
  readonly argv: readonly string[];
  readonly masked: string;
  readonly stdin?: string;
};

/** What a command did. `exitCode` follows the shell's rules: 127 not found, 128 + n killed by signal n. */
export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string; readonly durationMs: number };

/** A secret in a command: shown as `***`, sent as a shell variable. Make one with `secret`. */
export type Secret = { readonly secret: SecretRef };

/** Refers to a secret by where the controller finds it: an environment variable or a file. */
export const secret = (ref: SecretRef): Secret => ({ secret: ref });

/** Quotes one word for POSIX sh. Plain words stay as they are, so that commands read well. */
export const quote = (word: string): string => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

type Value = string | number | readonly string[] | Secret;
const isSecret = (value: Value): value is Secret => typeof value === 'object' && 'secret' in value;

/**
 * Builds a node command; every value is quoted, an array becomes several words, a secret becomes a variable.
 *
 * Write single commands and joins of them (`&&`, `||`, `;`, `|`); what is longer belongs into the node library.
 */
export const sh = (strings: TemplateStringsArray, ...values: readonly Value[]): NodeCommand => {
  const secrets: Record<string, SecretRef> = {};
  let text = strings[0] ?? '';
  let masked = text;
  values.forEach((value, index) => {
    const after = strings[index + 1] ?? '';
    if (isSecret(value)) {
      const name = `DROVER_SECRET_${Object.keys(secrets).length + 1}`;
      secrets[name] = value.secret;
      text += `"$${name}"${after}`;
      masked += `***${after}`;
    } else {
      const word = typeof value === 'object' ? value.map(quote).join(' ') : quote(String(value));
      text += word + after;
      masked += word + after;
    }
  });
  return { via: 'ssh', text, masked, ...(Object.keys(secrets).length > 0 && { secrets }) };
};

/** The same command with a text on its standard input. */
export const withStdin = (command: NodeCommand, stdin: string): NodeCommand => ({ ...command, stdin });

/** Builds a controller command from its words. `hide` lists words that are shown as `***`. */
export const control = (argv: readonly string[], hide: readonly string[] = []): ControlCommand => ({
  via: 'control',
  argv,
  masked: argv.map((word) => (hide.includes(word) ? '***' : quote(word))).join(' '),
});
