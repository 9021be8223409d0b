/**
 * One name against one pattern with `*` and `?`, as people write them for files.
 *
 * Pure and without imports; takes time in proportion to pattern and name, whatever the pattern.
 */

/** Goes back to the last star only, so that many stars do not multiply. */
export function matchesGlob(pattern: string, name: string): boolean {
  let [p, n] = [0, 0];
  let star: { pattern: number; name: number } | undefined;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = { pattern: p, name: n };
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star !== undefined) {
      star.name += 1;
      p = star.pattern + 1;
      n = star.name;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Whether a list allows a name: at least one pattern means it, and none that begins with `!` excludes it. */
export function isListed(patterns: readonly string[], name: string): boolean {
  const isExcluded = patterns.some((pattern) => pattern.startsWith('!') && matchesGlob(pattern.slice(1), name));
  return !isExcluded && patterns.some((pattern) => !pattern.startsWith('!') && matchesGlob(pattern, name));
}
