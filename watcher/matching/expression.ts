/**
 * Expressions in CEL over one incident: compiled once when the Hook is read, evaluated for each finding.
 *
 * Never throws: what cannot be compiled is a sentence, what cannot be answered is a refusal. Only `true` lets an incident
 * through.
 */
import { celType, isCelError, parse, plan } from '@bufbuild/cel';
import { type Allowance, mostWork, newAllowance } from './allowance.ts';
import { textProblem, treeProblem } from './check-expression.ts';
import { type Fact, type FactSources, factsOf } from './facts.ts';
import { createMeteredEnv, meterLoops, PaidMap } from './meter.ts';

export interface ExpressionRefusal {
  reason: 'ExpressionFalse' | 'ExpressionFailed';
  message: string;
}

export interface Expression {
  /** What it takes is taken from the allowance; what is not left cannot be answered. */
  evaluate: (incident: FactSources, allowance?: Allowance) => true | ExpressionRefusal;
}

export type ExpressionReading = { ok: true; expression: Expression } | { ok: false; message: string };

const { env, meter } = createMeteredEnv();

export function compileExpression(text: string): ExpressionReading {
  const tooMuch = textProblem(text);
  if (tooMuch !== undefined) return { ok: false, message: tooMuch };
  try {
    const { expr } = parse(text);
    const problem = treeProblem(expr);
    if (problem !== undefined) return { ok: false, message: problem };
    meterLoops(expr);
    const run = plan(env, expr);
    return { ok: true, expression: { evaluate: (incident, allowance) => evaluateWithin(run, incident, allowance) } };
  } catch (error) {
    return { ok: false, message: `it is no CEL expression: ${firstLine(error)}.` };
  }
}

type Run = ReturnType<typeof plan>;

function evaluateWithin(run: Run, incident: FactSources, allowance = newAllowance()): true | ExpressionRefusal {
  if (allowance.left <= 0)
    return failed('the Hook asks too much of this object; expected fewer or shorter expressions.');
  meter.left = Math.min(mostWork, allowance.left);
  allowance.left -= meter.left;
  const answer = evaluate(run, incident);
  allowance.left += Math.max(0, meter.left);
  return answer;
}

function evaluate(run: Run, incident: FactSources): true | ExpressionRefusal {
  try {
    const value = run({ incident: valuesOf(incident) });
    // First, because an error within `||` or `exists` may have been outvoted.
    if (meter.left < 0) return failed('it takes too much work on this incident; expected shorter loops or patterns.');
    if (value === true) return true;
    if (value === false) return { reason: 'ExpressionFalse', message: 'match.expression is not true of it.' };
    if (isCelError(value)) return failed(`${firstLine(value)}.${adviceFor(value.message)}`);
    return failed(`the answer is of type ${celType(value).name}; expected true or false.`);
  } catch (error) {
    return failed(`${firstLine(error)}.`);
  }
}

function adviceFor(message: string): string {
  if (!message.startsWith('field not found')) return '';
  return ' Where a field may be absent, ask has(incident.FIELD) first, or "KEY" in incident.labels.';
}

function failed(why: string): ExpressionRefusal {
  return { reason: 'ExpressionFailed', message: `match.expression could not be answered: ${why}` };
}

/** Whole numbers become ints, as the API's fields are; absent fields stay absent, so that has() works. */
function valuesOf(incident: FactSources): Map<string, Value> {
  const facts = [...factsOf(incident)];
  return new Map(facts.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, valueOf(fact)]])));
}

type Value = string | bigint | PaidMap;

function valueOf(fact: Fact): Value {
  if (typeof fact === 'number') return BigInt(fact);
  return typeof fact === 'string' ? fact : new PaidMap(fact, meter);
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.slice(0, 200);
}
