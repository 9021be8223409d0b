/**
 * Rows of a table whose first column names many recordings at once.
 */

/** `{}` stands for both runtimes, `[]` for both dialects. */
function spread(pattern: string): string[] {
  const names = pattern.includes('{}') ? ['go', 'py'].map((name) => pattern.replace('{}', name)) : [pattern];
  return names.flatMap((name) => (name.includes('[]') ? ['03', '10'].map((one) => name.replace('[]', one)) : [name]));
}

/** One row for each recording of each line; its names are apart by spaces. */
export function rows<T>(table: readonly (readonly [patterns: string, expected: T])[]): [name: string, expected: T][] {
  return table.flatMap(([patterns, expected]) =>
    patterns
      .split(' ')
      .flatMap(spread)
      .map((name): [string, T] => [name, expected]),
  );
}
