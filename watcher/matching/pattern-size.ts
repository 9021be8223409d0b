/**
 * How large a regular expression becomes: counted repetitions are written out when it is compiled, so that a short text can
 * become a very large program, which then runs over each character.
 *
 * Never compiles a pattern.
 */

/** At least the number of steps in the compiled pattern; far more for patterns with several repeated groups. */
export function patternSize(pattern: string): number {
  let [groups, atoms] = [1, 1];
  for (const { 1: least = '', 2: most = '', index } of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    const times = Math.max(Number(least), Number(most), 1);
    const before = pattern[index - 1];
    // Repeated groups may be within each other, single characters cannot.
    if (before === ')' || before === '}') groups *= times;
    else atoms = Math.max(atoms, times);
  }
  return pattern.length * groups * atoms;
}
