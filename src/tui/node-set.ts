type Numbered = { readonly digits: string; readonly value: number };

const ranges = (numbers: readonly Numbered[]): string => {
  const sorted = numbers.toSorted((a, b) => a.value - b.value);
  const parts: string[] = [];
  let from: Numbered | undefined;
  let to: Numbered | undefined;
  const close = (): void => {
    if (from && to) parts.push(from === to ? from.digits : `${from.digits}-${to.digits}`);
  };
  for (const one of sorted) {
    if (to && one.value === to.value + 1) to = one;
    else {
      close();
      from = one;
      to = one;
    }
  }
  close();
  return parts.join(',');
};

/** Many names as one, in the notation of ClusterShell: `runner-[01-38,40]`; names of other forms follow, with commas. */
export const nodeSet = (names: readonly string[]): string => {
  const [first, ...more] = names;
  if (first === undefined) return '';
  if (more.length === 0) return first;
  const taken = names.map((name) => {
    const [, prefix = '', digits = '', suffix = ''] = /^(.*?)(\d{1,15})(\D*)$/.exec(name) ?? [];
    return { name, prefix, digits, suffix, form: `${prefix}\u0000${suffix}\u0000` };
  });
  // 01 and 1 are no neighbours: where one number begins with a zero, those of its length belong together
  const padded = new Set(taken.flatMap(({ form, digits }) => (/^0\d/.test(digits) ? [form + digits.length] : [])));
  const sets = new Map<string, { readonly prefix: string; readonly suffix: string; readonly numbers: Numbered[] }>();
  const parts: (string | { readonly set: string })[] = [];
  for (const { name, prefix, digits, suffix, form } of taken) {
    if (digits === '') {
      parts.push(name);
      continue;
    }
    const key = padded.has(form + digits.length) ? form + digits.length : form;
    const set = sets.get(key);
    if (set) set.numbers.push({ digits, value: Number(digits) });
    else {
      sets.set(key, { prefix, suffix, numbers: [{ digits, value: Number(digits) }] });
      parts.push({ set: key });
    }
  }
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const { prefix = '', suffix = '', numbers = [] } = sets.get(part.set) ?? {};
      const [only] = numbers;
      return numbers.length === 1 && only ? `${prefix}${only.digits}${suffix}` : `${prefix}[${ranges(numbers)}]${suffix}`;
    })
    .join(',');
};
