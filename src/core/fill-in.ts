import { UsageError } from './error.ts';

const placeholder = /\{([A-Za-z]\w*)\}/g;

/**
 * Puts values into the placeholders of words, `{node}`; each word stays one word, whatever the value.
 *
 * @param what names the words in an error, e.g. the parameter that they come from
 * @throws UsageError for a placeholder that is unknown, or whose value is not there
 */
export const fillIn = (what: string, words: readonly string[], values: Readonly<Record<string, string | undefined>>): readonly string[] =>
  words.map((word) =>
    word.replace(placeholder, (found, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value !== undefined) return value;
      throw new UsageError(
        Object.hasOwn(values, name)
          ? `${what} has the placeholder ${found}, and there is no ${name} to put there`
          : `${what} has the placeholder ${found}, which nobody knows; there are ${Object.keys(values)
              .map((one) => `{${one}}`)
              .join(' ')}`,
      );
    }),
  );
