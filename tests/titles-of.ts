/**
 * The titles of the tests in a file, as they are written there.
 *
 * The specification names tests by title as proofs: a title that is not there, or is there twice, is no proof.
 */
import { readFileSync } from 'node:fs';

interface Named {
  /** Path below the repository. */
  file: string;
  /** The title of a test or group, or a part of it that no other title of the file has. */
  test: string;
}

/** Those of `each` with their placeholders. */
function titlesOf(file: string): string[] {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const calls = text.matchAll(/(?:\b(?:it|test|describe)(?:\.runIf\(\w+\))?|\))\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g);
  return [...calls].map(([, , title = '']) => title.replaceAll(/\\(.)/g, '$1'));
}

export function lostAmong<T extends Named>(proofs: readonly T[]): T[] {
  const titles = new Map([...new Set(proofs.map(({ file }) => file))].map((file) => [file, titlesOf(file)]));
  return proofs.filter(({ file, test }) => titles.get(file)?.filter((title) => title.includes(test)).length !== 1);
}
