import { isJsonObject } from '../../core/json.ts';
import { type KubeObject, at, textAt } from './cluster.ts';

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

/** Whether a pod is chosen by `matchLabels` of a budget or controller; an empty selector chooses all. */
export const chosenBy = (object: KubeObject, selector: unknown): boolean => {
  const wanted = isJsonObject(selector) && isJsonObject(selector['matchLabels']) ? selector['matchLabels'] : {};
  return Object.entries(wanted).every(([key, value]) => at(object, 'metadata', 'labels', key) === value);
};
