/**
 * What an expression may be: small, over `incident` only, and with few loops, so that parsing and planning it
 * is cheap; what an evaluation costs is bounded by the meter.
 *
 * Never evaluates anything.
 */
import { loopPartsOf, type Node, partsOf } from './expression-tree.ts';
import { factNames } from './facts.ts';

const limits = { characters: 1024, nesting: 32, loops: 2 } as const;

const tooDeep = `it is nested too deeply; expected at most ${limits.nesting} levels.`;

/** Strings and comments, in which brackets and signs mean nothing; in raw strings a backslash is a plain character. */
const opaque =
  /\/\/[^\n]*|[rR][bB]?(?:"""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*')|"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

/** What is wrong with text before anything parses it: the parser descends once for each of these. */
export function textProblem(text: string): string | undefined {
  if (text.length > limits.characters) {
    return `it has ${text.length} characters; expected at most ${limits.characters}.`;
  }
  const code = text.replaceAll(opaque, ' ""');
  const signs = code.match(/[!-][!\s-]*/g)?.map((run) => run.replaceAll(/\s/g, '').length) ?? [];
  const choices = code.split('?').length - 1;
  const deepest = Math.max(bracketDepth(code), choices, ...signs);
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
  return problemOf([root], { depth: 1, loops: 0, names: new Set(['incident']) });
}

interface Scope {
  depth: number;
  loops: number;
  /** Variables that are known here. */
  names: ReadonlySet<string>;
}

function problemOf(nodes: readonly Node[], scope: Scope): string | undefined {
  if (nodes.length > 0 && scope.depth > limits.nesting) return tooDeep;
  const inner = { ...scope, depth: scope.depth + 1 };
  for (const node of nodes) {
    const problem =
      ownProblem(node, scope) ??
      problemOf(partsOf(node), inner) ??
      problemOf(loopPartsOf(node), scopeOfLoop(node, inner));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function ownProblem({ exprKind }: Node, { loops, names }: Scope): string | undefined {
  if (exprKind.case === 'identExpr' && !names.has(exprKind.value.name)) {
    return `${exprKind.value.name} is not known; expected incident, such as incident.container == "app".`;
  }
  if (exprKind.case === 'comprehensionExpr' && loops >= limits.loops) {
    return `it has more than ${limits.loops} loops (all, exists, map, filter) within each other.`;
  }
  if (exprKind.case === 'structExpr' && exprKind.value.messageName !== '') {
    return `${exprKind.value.messageName} is not known; expected plain values.`;
  }
  const field = fieldOfIncident(exprKind);
  if (field !== undefined && !factNames.includes(field)) {
    return `incident.${field} does not exist; expected one of ${factNames.join(', ')}.`;
  }
  return undefined;
}

/** Of `incident.FIELD` and `incident["FIELD"]`. */
function fieldOfIncident(exprKind: Node['exprKind']): string | undefined {
  if (exprKind.case === 'selectExpr') return isIncident(exprKind.value.operand) ? exprKind.value.field : undefined;
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return undefined;
  const [of, key] = exprKind.value.args;
  if (!isIncident(of) || key?.exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = key.exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : undefined;
}

function isIncident(node: Node | undefined): boolean {
  return node?.exprKind.case === 'identExpr' && node.exprKind.value.name === 'incident';
}

function scopeOfLoop({ exprKind }: Node, scope: Scope): Scope {
  if (exprKind.case !== 'comprehensionExpr') return scope;
  const { iterVar, iterVar2, accuVar } = exprKind.value;
  return { ...scope, loops: scope.loops + 1, names: new Set([...scope.names, iterVar, iterVar2, accuVar]) };
}
