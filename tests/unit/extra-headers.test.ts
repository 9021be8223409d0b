/** Which further headers are sent to Kagent, and which are refused without a value being shown. */
import { expect, it } from 'vitest';
import { readExtraHeaders } from '../../workers/secrets/extra-headers.ts';

const flawOf = (text: string) => {
  const read = readExtraHeaders(text);
  return 'flaw' in read ? read.flaw : 'it was taken';
};

it('are a line each, as they are written, blank lines and white space around them left out', () => {
  const text = '\r\nX-Team: payments\r\n\n  x-scope:a:b, c  \n';
  expect(readExtraHeaders(text)).toEqual({ headers: { 'X-Team': 'payments', 'x-scope': 'a:b, c' } });
});

it('may have any name, also one that JavaScript has another use for', () => {
  const read = readExtraHeaders('__proto__: a\nconstructor: b');
  expect('headers' in read && Object.entries(read.headers)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

it.each(['Authorization', 'HOST', 'content-length', 'Content-Type', 'Transfer-Encoding', 'a2a-version', 'X-User-Id'])(
  '%s is refused: the calls set it themselves',
  (name) =>
    expect(flawOf(`X-A: b\n${name}: x`)).toMatch(new RegExp(`^line 2 is ${name}, which .*; expected another`, 'i')),
);

it.each([
  ['no colon', 'hunter2', 'line 1 is no header'],
  ['no name', ': hunter2', 'line 1 is no header'],
  ['a name with a blank', 'hun ter2: x', 'line 1 is no header'],
  ['no value', 'hunter2:', 'line 1 has no value'],
  ['a control character', 'X-A: hunter2\u0007x', 'line 1 has characters'],
  ['a letter that headers do not have', 'X-A: hunter2\u20ac', 'line 1 has characters'],
  ['one header twice', 'X-A: hunter2\nx-a: hunter2', 'line 2 names a header twice'],
  ['nothing', ' \n', 'expected lines such as'],
])('%s is refused, and what stands there is not shown', (_, text, flaw) => {
  expect(flawOf(text)).toContain(flaw);
  expect(flawOf(text)).not.toContain('hunter2');
});

it('may be 20, and not 21', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}: v`).join('\n');
  expect(readExtraHeaders(lines(20))).toHaveProperty('headers');
  expect(flawOf(lines(21))).toBe('has 21 headers; expected at most 20');
});
