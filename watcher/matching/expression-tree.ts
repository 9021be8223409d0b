/**
 * The shape of a parsed expression: which parts a node has, and which of them belong to a loop.
 *
 * Never evaluates anything.
 */
import type { parse } from '@bufbuild/cel';

export type Node = NonNullable<ReturnType<typeof parse>['expr']>;

/** Parts that are evaluated at most once each time that the node is. */
export function partsOf({ exprKind }: Node): Node[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return present([exprKind.value.operand]);
    case 'callExpr':
      return present([exprKind.value.target, ...exprKind.value.args]);
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return present(
        exprKind.value.entries.flatMap(({ keyKind, value }) => [
          keyKind.case === 'mapKey' ? keyKind.value : undefined,
          value,
        ]),
      );
    case 'comprehensionExpr':
      return present([exprKind.value.iterRange, exprKind.value.accuInit]);
    case 'identExpr':
    case 'constExpr':
    case undefined:
      return [];
  }
}

/** Parts that see the variables of a loop: all but its result are evaluated for each item. */
export function loopPartsOf({ exprKind }: Node): Node[] {
  if (exprKind.case !== 'comprehensionExpr') return [];
  return present([exprKind.value.loopCondition, exprKind.value.loopStep, exprKind.value.result]);
}

export function countNodes(root: Node): number {
  return [...partsOf(root), ...loopPartsOf(root)].reduce((count, part) => count + countNodes(part), 1);
}

function present(nodes: readonly (Node | undefined)[]): Node[] {
  return nodes.filter((node) => node !== undefined);
}
