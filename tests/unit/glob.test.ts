import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileGlobs } from '../../workflows/contract/plain/glob.ts';

it.each<[string[], string, boolean]>([
  [[], 'anything', true],
  [['web-*'], 'web-0', true],
  [['web-*'], 'web-', true],
  [['web-*'], 'a-web-0', false],
  [['*-0'], 'web-0', true],
  [['web-?'], 'web-10', false],
  [['w*b*0'], 'wxbyb0', true],
  [['web.0'], 'webx0', false],
  [['[ab]'], 'a', false],
  [['web-*', 'db-*'], 'db-1', true],
  [['*', '!db-*'], 'db-1', false],
  [['!db-*'], 'web-1', true],
  [['!db-*'], 'db-1', false],
  [[''], '', true],
  [['*'], '', true],
])('%j and %s: %s', (patterns, name, isMeant) => {
  expect(compileGlobs(patterns)(name)).toBe(isMeant);
});

/** By definition, in exponential time. */
function naive(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  const [head, rest] = [pattern[0], pattern.slice(1)];
  if (head === '*') return naive(rest, name) || (name !== '' && naive(pattern, name.slice(1)));
  return name !== '' && (head === '?' || head === name[0]) && naive(rest, name.slice(1));
}

it('any pattern means what it says', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(fc.property(letters, name, (pattern, text) => compileGlobs([pattern])(text) === naive(pattern, text)));
});

it('many stars do not multiply', () => {
  const startedMs = performance.now();
  expect(compileGlobs([`${'*a'.repeat(100)}b`])('a'.repeat(253))).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(1000);
});
