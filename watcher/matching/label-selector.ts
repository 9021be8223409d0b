/**
 * Label selectors with the meaning that Kubernetes gives them (apimachinery's LabelSelectorAsSelector).
 *
 * Pure.
 */
import type { Match } from '../../workflows/contract/match.ts';

type Selector = NonNullable<Match['labels']>;
type Requirement = NonNullable<Selector['matchExpressions']>[number];
type Labels = Readonly<Record<string, string>>;

export type SelectorReading = { ok: true; matches: (labels: Labels) => boolean } | { ok: false; message: string };

/** An empty selector selects everything. */
export function compileSelector({ matchLabels = {}, matchExpressions = [] }: Selector): SelectorReading {
  for (const requirement of matchExpressions) {
    const problem = problemOf(requirement);
    if (problem !== undefined) return { ok: false, message: problem };
  }
  const expected = Object.entries(matchLabels);
  return {
    ok: true,
    matches: (labels) =>
      expected.every(([key, value]) => valueOf(labels, key) === value) &&
      matchExpressions.every((requirement) => holds(requirement, valueOf(labels, requirement.key))),
  };
}

function problemOf({ key, operator, values = [] }: Requirement): string | undefined {
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0) return `${key} ${operator} has no values; expected at least one.`;
  if (!takesValues && values.length > 0) return `${key} ${operator} has values; expected none.`;
  return undefined;
}

function holds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Labels come from the cluster and may be called like something that every object has. */
function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
