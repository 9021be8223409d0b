/** Reads one metric out of the text format of Prometheus. */

/** Value by labels, as `a="x",b="y"` in the order of their names; one without labels has the key ''. */
export function samplesOf(text: string, name: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [, metric, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (metric !== name) continue;
    const each = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label);
    found[each.toSorted().join(',')] = Number(value);
  }
  return found;
}
