/**
 * What a configuration's `match` asks for, compiled once: labels, names, namespaces, expression.
 *
 * Pure. What cannot be compiled is refused in a sentence, and the configuration is not acted upon: a filter that is dropped would
 * let too much through.
 */
import type { Inclusion, Match } from '../../../workflows/contract/match.ts';
import { compileGlobs, matchesAny, splitGlobs } from '../../../workflows/contract/plain/glob.ts';
import { compileExpression, type Expression, type ExpressionReading } from '../../matching/expression.ts';
import { compileSelector } from '../../matching/label-selector.ts';
import { type ConfigurationContext, type Refused, refuse } from '../hook-problem.ts';

/** Which incidents of a type a configuration means. */
export interface Criteria {
  labels: (labels: Readonly<Record<string, string>>) => boolean;
  /** Names of the object and of its owners. */
  names: (names: readonly string[]) => boolean;
  /** Undefined: the namespace of the Hook. */
  namespaces: ((namespace: string) => boolean) | undefined;
  expression: Expression | undefined;
  include: readonly Inclusion[];
}

type CriteriaReading = { criteria: Criteria } | Refused;

export function readCriteria(match: Match = {}, context: ConfigurationContext): CriteriaReading {
  const { labels = {}, names = [], namespaces, include = [] } = match;
  const refused = namespaces && refuseNamespaces(namespaces, context);
  if (refused !== undefined) return refused;
  const selector = compileSelector(labels);
  if (!selector.ok) return refuse('InvalidMatch', `match.labels: ${selector.message}`);
  const compiled = readExpression(match);
  if (!compiled.ok) return refuse('InvalidMatch', `match.expression: ${compiled.message}`);
  const { expression } = compiled;
  const where = namespaces && compileGlobs(namespaces);
  return { criteria: { labels: selector.matches, names: compileNames(names), namespaces: where, expression, include } };
}

function refuseNamespaces(patterns: string[], { namespace, reach }: ConfigurationContext): Refused | undefined {
  if (!reach.isWide(namespace)) {
    return refuse(
      'NamespacesNotAllowed',
      'match.namespaces is not open to Hooks of this namespace; the operator allows it by WIDE_HOOK_NAMESPACES.',
    );
  }
  if (reach.watched === undefined || reach.watched.some(compileGlobs(patterns))) return undefined;
  return refuse(
    'NamespacesNotWatched',
    `match.namespaces means none of the namespaces that WATCH_NAMESPACES of the controller lists: ${reach.watched.join(', ')}.`,
  );
}

function readExpression({ expression }: Match): ExpressionReading | { ok: true; expression: undefined } {
  return expression === undefined ? { ok: true, expression } : compileExpression(expression);
}

/** One name that is meant is enough, and one that is excluded is too much. */
function compileNames(patterns: readonly string[]): Criteria['names'] {
  const { meant, excluded } = splitGlobs(patterns);
  const isMeant = compileGlobs(meant);
  return (names) => names.some(isMeant) && !names.some((name) => matchesAny(excluded, name));
}
