import { expect, it } from 'vitest';
import { compileSelector } from '../../watcher/matching/label-selector.ts';

type Selector = Parameters<typeof compileSelector>[0];

function selects(selector: Selector, labels: Record<string, string>): boolean | string {
  const compiled = compileSelector(selector);
  return compiled.ok ? compiled.matches(labels) : compiled.message;
}

const web = { tier: 'web', zone: 'a' };

it.each<[Selector, Record<string, string>, boolean]>([
  [{}, web, true],
  [{}, {}, true],
  [{ matchLabels: { tier: 'web' } }, web, true],
  [{ matchLabels: { tier: 'web', zone: 'b' } }, web, false],
  [{ matchLabels: { absent: '' } }, web, false],
  [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['db', 'web'] }] }, web, true],
  [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['db'] }] }, web, false],
  [{ matchExpressions: [{ key: 'absent', operator: 'In', values: ['db'] }] }, web, false],
  [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] }, web, false],
  [{ matchExpressions: [{ key: 'absent', operator: 'NotIn', values: ['web'] }] }, web, true],
  [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, web, true],
  [{ matchExpressions: [{ key: 'absent', operator: 'Exists' }] }, web, false],
  [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, web, false],
  [{ matchExpressions: [{ key: 'absent', operator: 'DoesNotExist', values: [] }] }, web, true],
  [{ matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, web, false],
  [{ matchLabels: { tier: 'web' }, matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] }, web, false],
])('%j selects %j: %s', (selector, labels, isSelected) => {
  expect(selects(selector, labels)).toBe(isSelected);
});

it.each<[Selector, RegExp]>([
  [{ matchExpressions: [{ key: 'tier', operator: 'In', values: [] }] }, /tier In has no values/],
  [{ matchExpressions: [{ key: 'tier', operator: 'NotIn' }] }, /tier NotIn has no values/],
  [
    { matchExpressions: [{ key: 'tier', operator: 'Exists', values: ['web'] }] },
    /tier Exists has values; expected none/,
  ],
])('%j is refused', (selector, message) => {
  expect(selects(selector, web)).toMatch(message);
});
