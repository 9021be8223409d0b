/**
 * A meter for evaluations: the library does not bound what an expression costs, so every function and every turn of a loop
 * pays for its work here, and an evaluation that has nothing left ends.
 *
 * To be filled before each evaluation. One evaluation at a time: they are synchronous.
 */
import {
  type CelEnv,
  type CelFunc,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celList,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
} from '@bufbuild/cel';
import { countNodes, loopPartsOf, type Node, partsOf } from './expression-tree.ts';
import { patternSize } from './pattern-size.ts';

/** One unit is about a tenth of a microsecond. */
const cost = { charactersPerUnit: 4, pattern: 1000, stepsOfPatternPerUnit: 8, time: 1000, keysPerUnit: 4 } as const;

export interface Meter {
  /** Below zero once it was not enough; whatever the evaluation says then is not to be believed. */
  left: number;
}

/** No expression can call it: the language has no such names. */
const turn = '@turn';

export function createMeteredEnv(): { env: CelEnv; meter: Meter } {
  const meter: Meter = { left: 0 };
  const payForTurn = celFunc(turn, [CelScalar.BOOL, CelScalar.INT], CelScalar.BOOL, (goesOn, nodes) => {
    pay(meter, Number(nodes));
    return goesOn;
  });
  const funcs = [...celEnv().funcs].map((func) => metered(func, meter));
  return { env: celEnv({ funcs: [...funcs, payForTurn] }), meter };
}

/** A map that is paid for when its keys are gone through, as the library does for each key that is a number. */
export class PaidMap extends Map<string, string> {
  readonly #meter: Meter;

  constructor(record: Readonly<Record<string, string>>, meter: Meter) {
    super(Object.entries(record));
    this.#meter = meter;
  }

  override keys(): MapIterator<string> {
    pay(this.#meter, this.size / cost.keysPerUnit);
    return super.keys();
  }
}

/** Lets each turn of each loop in the tree pay for the nodes that it evaluates. Changes the tree. */
export function meterLoops(root: Node): void {
  const parts = [...partsOf(root), ...loopPartsOf(root)];
  const nodes = BigInt(countNodes(root));
  for (const part of parts) meterLoops(part);
  if (root.exprKind.case !== 'comprehensionExpr') return;
  const { loopCondition } = root.exprKind.value;
  if (loopCondition !== undefined) root.exprKind.value.loopCondition = turnOf(loopCondition, nodes);
}

function turnOf(condition: Node, nodes: bigint): Node {
  const { id } = condition;
  const price: Node = {
    $typeName: 'cel.expr.Expr',
    id,
    exprKind: {
      case: 'constExpr',
      value: { $typeName: 'cel.expr.Constant', constantKind: { case: 'int64Value', value: nodes } },
    },
  };
  return {
    $typeName: 'cel.expr.Expr',
    id,
    exprKind: {
      case: 'callExpr',
      value: { $typeName: 'cel.expr.Expr.Call', function: turn, args: [condition, price] },
    },
  };
}

function metered(func: CelFunc, meter: Meter): CelFunc {
  const call = (target: CelValue | undefined, args: CelValue[]): CelValue => {
    payForCall(meter, func.name, target === undefined ? args : [target, ...args]);
    const [left, right] = args;
    // The library's own sum of lists is a chain, and reading a chain takes quadratic time.
    if (func.name === '_+_' && isCelList(left) && isCelList(right)) return celList([...left, ...right]);
    const result = func.call(0, target, args);
    if (result === undefined || isCelError(result)) throw result ?? new Error(`${func.name} does not take this`);
    return result;
  };
  if (func.target === undefined) {
    return celFunc(func.name, func.arguments, func.result, (...args: CelValue[]) => call(undefined, args));
  }
  return celMethod(func.name, func.target, func.arguments, func.result, function (this: CelValue, ...args: CelValue[]) {
    return call(this, args);
  });
}

function payForCall(meter: Meter, name: string, values: readonly CelValue[]): void {
  pay(meter, /^(get|timestamp$|duration$)/.test(name) ? cost.time : 1);
  const [first, second] = values;
  // A map is asked for one key; everything else may be read as a whole.
  const read = name === '@in' && isCelMap(second) ? values.slice(0, 1) : values;
  for (const value of read) payForValue(meter, value);
  if (name === 'matches' && typeof first === 'string' && typeof second === 'string')
    payForPattern(meter, first, second);
}

/** It is compiled anew each time, and classes of Unicode are long tables. */
function payForPattern(meter: Meter, text: string, pattern: string): void {
  const tables = pattern.split(/\\p/i).length;
  pay(meter, cost.pattern * tables + (patternSize(pattern) * (text.length + 1)) / cost.stepsOfPatternPerUnit);
}

/** All that is in it: comparing reads it all, also what is in it many times. Ends when the meter does. */
function payForValue(meter: Meter, value: CelValue): void {
  pay(meter, 1);
  if (typeof value === 'string' || value instanceof Uint8Array) pay(meter, value.length / cost.charactersPerUnit);
  else if (isCelList(value)) for (const element of value) payForValue(meter, element);
  else if (isCelMap(value)) {
    for (const [key, element] of value) {
      payForValue(meter, key);
      payForValue(meter, element);
    }
  }
}

function pay(meter: Meter, units: number): void {
  meter.left -= units;
  if (meter.left < 0) throw new Error('too much work');
}
