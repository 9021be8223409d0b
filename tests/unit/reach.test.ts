/** What the operator lets Hooks look at, as it follows from the settings. */
import { expect, it } from 'vitest';
import { readConfig } from '../../watcher/config.ts';
import { isWatched, reachOf } from '../../watcher/hooks/reach.ts';

const reach = (environment: Record<string, string>) =>
  reachOf(readConfig({ INSTALLATION: 'p', NAMESPACE: 'kagent-system', ...environment }));

it.each<[string, Record<string, string>, boolean]>([
  ['kagent-system', {}, true],
  ['shop', {}, false],
  ['shop', { WIDE_HOOK_NAMESPACES: 'ops,shop' }, true],
  ['kagent-system', { WATCH_NAMESPACES: 'kagent-system' }, false],
  ['shop', { WIDE_HOOK_NAMESPACES: 'shop', WATCH_NAMESPACES: 'shop' }, false],
])('a Hook of %s sees Nodes, with %j: %s', (namespace, environment, sees) => {
  expect(reach(environment).seesNodes(namespace)).toBe(sees);
});

it.each<[string, Record<string, string>, boolean]>([
  ['shop', {}, true],
  ['', {}, true],
  ['shop', { WATCH_NAMESPACES: 'payments,shop' }, true],
  ['shop-b', { WATCH_NAMESPACES: 'payments,shop' }, false],
  ['', { WATCH_NAMESPACES: 'payments,shop' }, false],
])('what is in the namespace "%s" is watched, with %j: %s', (namespace, environment, watched) => {
  expect(isWatched(reach(environment), namespace)).toBe(watched);
});

it.each<[string, boolean]>([
  ['kagent/memory-analyzer', true],
  ['kagent-b/memory-analyzer', false],
  ['shop/any', true],
  ['any/shop', false],
])('with AGENTS_ALLOW "kagent/*,shop/any" a Hook may name %s: %s', (agent, allowed) => {
  const [namespace = '', name = ''] = agent.split('/');
  expect(reach({ AGENTS_ALLOW: 'kagent/*,shop/any' }).allowsAgent({ namespace, name })).toBe(allowed);
});

it.each<[string, string, boolean]>([
  ['*/*', 'admin', false],
  ['shop/*', 'admin', true],
  ['shop/*,*/helper', 'helper', false],
  ['shop/*,*/helper', 'admin', true],
  ['s*/*', 'admin', true],
  ['*/help*', 'helper', false],
  ['*/!x', 'admin', true],
  ['!kagent/admin', 'admin', true],
  ['!kagent/admin', 'helper', false],
  ['*/*,!kagent/adm*', 'admin', true],
])('AGENTS_ALLOW "%s" allows agents called %s only by their namespace: %s', (AGENTS_ALLOW, name, isBound) => {
  expect(reach({ AGENTS_ALLOW }).isBoundToNamespace({ namespace: 'shop', name })).toBe(isBound);
});
