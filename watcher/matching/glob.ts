/**
 * Names with `*` and `?`, as people write them for files.
 *
 * Pure.
 */
import { matchesGlob } from '../../workflows/contract/plain/glob.ts';

/** Whether a name matches at least one pattern and none that begins with `!`; without positive patterns all names do. */
export function compileGlobs(patterns: readonly string[]): (name: string) => boolean {
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const meant = patterns.filter((pattern) => !pattern.startsWith('!'));
  return (name) =>
    (meant.length === 0 || meant.some((pattern) => matchesGlob(pattern, name))) &&
    !excluded.some((pattern) => matchesGlob(pattern, name));
}
