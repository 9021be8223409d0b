/**
 * Equal parts of views, kept once: Pods of one workload have the same labels, owner, images and times, and there may be 20,000.
 *
 * What is shared is never written to. Bounded: when there are too many different values, all are forgotten, and sharing begins
 * anew.
 */

/** Texts of some ten bytes; objects of some hundred. */
const mostTexts = 10_000;
const mostObjects = 4000;
/** Characters. What is longer is rarely the same twice, and would be kept alive. */
const longestKey = 1000;

export const shareText = createSharing((text: string) => text, mostTexts);

/** For objects of one kind, without anything that JSON leaves out. */
export function shareObjects<T extends object>(): (value: T) => T {
  return createSharing((value: T) => JSON.stringify(value), mostObjects);
}

/** Returns the first of all values that have the same key. */
export function createSharing<T>(keyOf: (value: T) => string, limit: number): (value: T) => T {
  const byKey = new Map<string, T>();
  return (value) => {
    const key = keyOf(value);
    if (key.length > longestKey) return value;
    const first = byKey.get(key);
    if (first !== undefined) return first;
    if (byKey.size >= limit) byKey.clear();
    byKey.set(key, value);
    return value;
  };
}
