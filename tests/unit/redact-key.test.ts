import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redactKey } from '../../activities/agents/http/redact-key.ts';

const key = 'sk-live-a+b/c=?7f3a9';

it.each([
  ['as it is', key],
  ['percent-encoded', encodeURIComponent(key)],
  ['in hex', Buffer.from(key).toString('hex')],
  ['in base64', Buffer.from(key).toString('base64')],
  ['in base64 of the whole header', Buffer.from(`Bearer ${key}`).toString('base64')],
  ['in base64 that another name shifts', Buffer.from(`"k":"${key}"`).toString('base64')],
  ['in the base64 of URLs', Buffer.from(`Bearer ${key}`).toString('base64url')],
])('a key that a server gives back %s is not shown', (_, given) => {
  const redacted = redactKey(`the key ${given} is wrong`, key);
  expect(redacted).toContain('[redacted]');
  expect(Buffer.from(redacted, 'base64').toString()).not.toContain(key);
  expect(redacted).not.toContain(given);
});

it('no alignment and no surrounding bytes keep a key of some length readable', () => {
  const some = fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 });
  fc.assert(
    fc.property(some, fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (secret, before, after) => {
      const redacted = redactKey(Buffer.from(before + secret + after).toString('base64'), secret);
      expect(redacted).toContain('[redacted]');
    }),
  );
});

it('without a key nothing is changed', () => {
  expect(redactKey('Invalid API key', '')).toBe('Invalid API key');
});
