/**
 * Names against patterns with `*` and `?`, as people write them for files; `!` in front of a pattern excludes.
 *
 * Pure and without imports; takes time in proportion to pattern and name, whatever the pattern.
 */

/** Goes back to the last star only, so that many stars do not multiply. */
function matchesGlob(pattern: string, name: string): boolean {
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

/** Whether a name matches at least one pattern and none that begins with `!`; without positive patterns all names do. */
export function compileGlobs(patterns: readonly string[]): (name: string) => boolean {
  const { meant, excluded } = splitGlobs(patterns);
  return (name) => (meant.length === 0 || matchesAny(meant, name)) && !matchesAny(excluded, name);
}

/** The patterns that exclude stand without their `!`. */
export function splitGlobs(patterns: readonly string[]): { meant: string[]; excluded: string[] } {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  return { meant: patterns.filter(isPositive), excluded };
}

export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesGlob(pattern, name));
}

/** Whether a list allows a name. It allows none by excluding alone. */
export function isListed(patterns: readonly string[], name: string): boolean {
  return patterns.some(isPositive) && compileGlobs(patterns)(name);
}

function isPositive(pattern: string): boolean {
  return !pattern.startsWith('!');
}
