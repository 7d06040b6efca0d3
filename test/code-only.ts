/** Whether a `/` at this point begins a regular expression: after an operator, an opening bracket, or a word like return. */
const beginsRegExp = (before: string): boolean => /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in))\s*$/.test(before);

/**
 * TypeScript without its comments and without the inside of texts and regular expressions: they become blanks, line breaks stay.
 *
 * What stands in `${…}` of a template is code and stays.
 */
export const codeOnly = (text: string): string => {
  let out = '';
  let at = 0;
  /** For each template that is open, how many braces are open inside its `${`. */
  const templates: number[] = [];
  const blank = (length: number): void => {
    out += text.slice(at, at + length).replace(/[^\n]/g, ' ');
    at += length;
  };
  const matchHere = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0].length ?? 0;
  };
  /** Blanks a template's text up to its end or to the next `${`. */
  const templateText = (): void => {
    blank(matchHere(/(?:\\[^]|\$(?!\{)|[^\\`$])*/y));
    if (text.startsWith('${', at)) {
      templates.push(0);
      blank(2);
    } else blank(1);
  };
  while (at < text.length) {
    const here = text[at] ?? '';
    const skip =
      matchHere(/\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y) ||
      (here === '/' && beginsRegExp(out.slice(-40)) ? matchHere(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y) : 0);
    const open = templates.at(-1);
    if (skip > 0) blank(skip);
    else if (here === '`') {
      blank(1);
      templateText();
    } else if (here === '}' && open === 0) {
      templates.pop();
      blank(1);
      templateText();
    } else {
      if (open !== undefined && (here === '{' || here === '}')) templates[templates.length - 1] = open + (here === '{' ? 1 : -1);
      out += here;
      at += 1;
    }
  }
  return out;
};
