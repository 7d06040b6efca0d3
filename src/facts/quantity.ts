import type { Json } from '../core/json.ts';

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Reads a quantity of the Kubernetes API, `250m` or `1.5Gi` or `1e3`, as a number; absent is 0. Source: the API reference of Quantity. */
export const quantity = (value: Json): number => {
  if (value === null) return 0;
  if (typeof value === 'number') return value;
  const [, number = '', suffix = ''] = (typeof value === 'string' && /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(value)) || [];
  const factor = FACTORS[suffix];
  if (number === '' || factor === undefined) throw new Error(`no quantity: ${JSON.stringify(value)}`);
  return Number(number) * factor;
};
