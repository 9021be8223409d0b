/**
 * Several reflectors of one kind of object, each of a namespace, as one.
 *
 * What is said of the whole is what holds for every part.
 */

import type { Reflector } from './reflector.ts';
import type { Versioned } from './store.ts';

export function joinReflectors<T extends Versioned>(parts: readonly Reflector<T>[]): Reflector<T> {
  return {
    synced: Promise.all(parts.map(({ synced }) => synced)).then(() => undefined),
    done: Promise.all(parts.map(({ done }) => done)).then(() => undefined),
    items: () => parts.flatMap((part) => part.items()),
    get: (uid) => parts.map((part) => part.get(uid)).find((item) => item !== undefined),
    aliveMs: () => Math.min(...parts.map((part) => part.aliveMs())),
    version: () => oldestVersion(parts.map((part) => part.version())),
  };
}

/** One sequence of versions counts for all namespaces; undefined where one is missing, or is no number to compare. */
function oldestVersion(versions: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = versions;
  if (others.length === 0) return first;
  const numbers = versions.map((version) => (/^\d+$/.test(version ?? '') ? BigInt(version ?? '') : undefined));
  const known = numbers.filter((number) => number !== undefined);
  if (known.length < numbers.length) return undefined;
  return known.reduce((oldest, number) => (number < oldest ? number : oldest)).toString();
}
