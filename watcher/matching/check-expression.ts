/**
 * What an expression may be: small, over `incident` only, and with few loops, so that its cost is bounded before it runs.
 *
 * Called once for each expression, when the Hook is read. The library has no limit of its own on what an evaluation costs.
 */
import type { parse } from '@bufbuild/cel';
import { factNames } from './facts.ts';

const limits = { characters: 1024, nesting: 32, loops: 2 } as const;

const tooDeep = `it is nested too deeply; wanted at most ${limits.nesting} levels.`;

type Node = NonNullable<ReturnType<typeof parse>['expr']>;

/** What is wrong with text before anything parses it: the parser descends once for each of these. */
export function textProblem(text: string): string | undefined {
  if (text.length > limits.characters) {
    return `it has ${text.length} characters; wanted at most ${limits.characters}.`;
  }
  const signs = text.match(/[!-][!\s-]*/g)?.map((run) => run.replaceAll(/\s/g, '').length) ?? [];
  const choices = text.split('?').length - 1;
  const deepest = Math.max(bracketDepth(text), choices, ...signs);
  return deepest > limits.nesting ? tooDeep : undefined;
}

function bracketDepth(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** What is wrong with the parsed expression; undefined when it may run. */
export function treeProblem(root: Node): string | undefined {
  return problemOf(root, { depth: 1, loops: 0, names: new Set(['incident']) });
}

interface Place {
  depth: number;
  loops: number;
  /** Variables that are known here. */
  names: ReadonlySet<string>;
}

function problemOf(node: Node, place: Place): string | undefined {
  if (place.depth > limits.nesting) return tooDeep;
  const own = ownProblem(node, place);
  if (own !== undefined) return own;
  for (const { child, inner } of childrenOf(node, { ...place, depth: place.depth + 1 })) {
    const problem = problemOf(child, inner);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function ownProblem({ exprKind }: Node, { loops, names }: Place): string | undefined {
  if (exprKind.case === 'identExpr' && !names.has(exprKind.value.name)) {
    return `${exprKind.value.name} is not known; wanted incident, such as incident.container == "app".`;
  }
  if (exprKind.case === 'comprehensionExpr' && loops >= limits.loops) {
    return `it has more than ${limits.loops} loops (all, exists, map, filter) within each other.`;
  }
  if (
    exprKind.case === 'selectExpr' &&
    isIncident(exprKind.value.operand) &&
    !Object.hasOwn(factNames, exprKind.value.field)
  ) {
    return `incident.${exprKind.value.field} does not exist; wanted one of ${Object.keys(factNames).join(', ')}.`;
  }
  return undefined;
}

function isIncident(node: Node | undefined): boolean {
  return node?.exprKind.case === 'identExpr' && node.exprKind.value.name === 'incident';
}

interface Child {
  child: Node;
  inner: Place;
}

function childrenOf({ exprKind }: Node, place: Place): Child[] {
  const here = (nodes: readonly (Node | undefined)[]): Child[] =>
    nodes.flatMap((child) => (child === undefined ? [] : [{ child, inner: place }]));
  if (exprKind.case === 'selectExpr') return here([exprKind.value.operand]);
  if (exprKind.case === 'callExpr') return here([exprKind.value.target, ...exprKind.value.args]);
  if (exprKind.case === 'listExpr') return here(exprKind.value.elements);
  if (exprKind.case === 'structExpr') {
    return here(exprKind.value.entries.flatMap(({ keyKind, value }) => [keyOf(keyKind), value]));
  }
  if (exprKind.case !== 'comprehensionExpr') return [];
  const { iterRange, accuInit, iterVar, iterVar2, accuVar, loopCondition, loopStep, result } = exprKind.value;
  const names = new Set([...place.names, iterVar, iterVar2, accuVar]);
  const inner = { ...place, loops: place.loops + 1, names };
  const within = [loopCondition, loopStep, result].flatMap((child) => (child === undefined ? [] : [{ child, inner }]));
  return [...here([iterRange, accuInit]), ...within];
}

type Struct = Extract<Node['exprKind'], { case: 'structExpr' }>['value'];

function keyOf(keyKind: Struct['entries'][number]['keyKind']): Node | undefined {
  return keyKind.case === 'mapKey' ? keyKind.value : undefined;
}
