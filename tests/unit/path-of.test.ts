/** Whatever an object is called, a request about it asks for that object and for nothing else. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pathOf } from '../../watcher/kube/path-of.ts';

it('ordinary names stand in a path as they are', () => {
  expect(pathOf('apis', 'apps', 'v1', 'namespaces', 'shop', 'replicasets', 'web-7d9.x')).toBe(
    '/apis/apps/v1/namespaces/shop/replicasets/web-7d9.x',
  );
});

it.each(['../../secrets', 'a?watch=1', 'a#b', 'a/b', 'a\\b', '%2e%2e', 'a\n', ' '])(
  'the name %j stays one segment, without a query',
  (name) => {
    const url = new URL(`https://server${pathOf('api', 'v1', 'namespaces', name, 'pods')}`);
    expect(url.pathname.split('/')).toHaveLength(6);
    expect(decodeURIComponent(url.pathname.split('/')[4] ?? '')).toBe(name);
    expect(url.search + url.hash).toBe('');
  },
);

it.each(['', '.', '..', '\ud800'])('nothing can be called %j, as a server would say', (name) => {
  expect(() => pathOf('api', name)).toThrow(expect.objectContaining({ status: 404 }));
});

it('no text at all leads to another path, or to more segments', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      fc.pre(name !== '.' && name !== '..');
      const { pathname, search } = new URL(`https://server${pathOf('a', name, 'b')}?x`);
      expect([pathname.split('/').length, search]).toEqual([4, '?x']);
    }),
  );
});
