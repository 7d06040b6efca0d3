import type { Json } from '../core/json.ts';
import { field, list, text, texts } from './api-object.ts';

/** Whether a LabelSelector chooses labels: an empty one all, an absent one none. Source: the API reference of LabelSelector v1 meta. */
export const selects = (selector: Json, labels: Readonly<Record<string, string>>): boolean => {
  if (selector === null) return false;
  const equal = Object.entries(texts(field(selector, 'matchLabels'))).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    list(field(selector, 'matchExpressions')).every((one) => {
      const value = labels[text(field(one, 'key'))];
      const values = list(field(one, 'values'));
      switch (field(one, 'operator')) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          throw new Error(`an unknown operator in a label selector: ${text(field(one, 'operator'))}`);
      }
    })
  );
};
