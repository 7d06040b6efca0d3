import { type Json, isJsonObject } from '../../core/json.ts';
import { type KubeObject, at, listAt, textAt } from './cluster.ts';

/** Whether labels answer a selector of the API: `a=b`, `a==b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b)`, joined by commas. */
export const matchesLabels = (object: KubeObject, selector: string): boolean => {
  const labels = at(object, 'metadata', 'labels');
  const has = isJsonObject(labels) ? labels : {};
  const valueOf = (key: string): string => textAt(has, key);
  return selector
    .split(/,(?![^(]*\))/)
    .filter((part) => part.trim() !== '')
    .every((part) => {
      const [, key = '', not, values = ''] = /^\s*([\w./-]+)\s+(not)?in\s*\(([^)]*)\)\s*$/.exec(part) ?? [];
      if (key !== '')
        return (
          values
            .split(',')
            .map((value) => value.trim())
            .includes(valueOf(key)) !==
          (not !== undefined)
        );
      const [, name = '', operator, value = ''] = /^\s*([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)\s*$/.exec(part) ?? [];
      if (operator !== undefined) return (valueOf(name) === value) !== (operator === '!=');
      const plain = part.trim();
      return plain.startsWith('!') ? !(plain.slice(1) in has) : plain in has;
    });
};

/** Whether an object answers a field selector, e.g. `spec.nodeName=runner-1`. */
export const matchesFields = (object: KubeObject, selector: string): boolean =>
  selector
    .split(',')
    .filter(Boolean)
    .every((part) => {
      const [, path = '', operator = '=', value = ''] = /^([\w.]+)(==|=|!=)(.*)$/.exec(part) ?? [];
      return (textAt(object, ...path.split('.')) === value) !== (operator === '!=');
    });

/** Whether a pod is chosen by the LabelSelector of a budget or controller: an empty one chooses all, an absent one none. */
export const chosenBy = (object: KubeObject, selector: Json): boolean => {
  if (!isJsonObject(selector)) return false;
  const valueOf = (key: Json): Json => at(object, 'metadata', 'labels', typeof key === 'string' ? key : '');
  const wanted = selector['matchLabels'];
  return (
    Object.entries(isJsonObject(wanted) ? wanted : {}).every(([key, value]) => valueOf(key) === value) &&
    listAt(selector, 'matchExpressions').every((one) => {
      const value = valueOf(at(one, 'key'));
      const among = value !== null && listAt(one, 'values').includes(value);
      switch (textAt(one, 'operator')) {
        case 'In':
          return among;
        case 'NotIn':
          return !among;
        case 'Exists':
          return value !== null;
        default:
          return value === null;
      }
    })
  );
};
