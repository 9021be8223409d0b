/**
 * Expressions in CEL over one incident: compiled once when the Hook is read, evaluated for each finding.
 *
 * Used by match. Never throws: what cannot be compiled is a sentence, what cannot be answered is a refusal. Only `true`
 * lets an incident through.
 */
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { textProblem, treeProblem } from './check-expression.ts';
import type { IncidentFacts } from './facts.ts';

interface ExpressionRefusal {
  reason: 'ExpressionFalse' | 'ExpressionFailed';
  message: string;
}

export interface Expression {
  evaluate: (incident: IncidentFacts) => true | ExpressionRefusal;
}

export type ExpressionReading = { ok: true; expression: Expression } | { ok: false; message: string };

const env = celEnv();

export function compileExpression(text: string): ExpressionReading {
  const tooMuch = textProblem(text);
  if (tooMuch !== undefined) return { ok: false, message: tooMuch };
  try {
    const parsed = parse(text);
    const problem = parsed.expr === undefined ? 'it is empty.' : treeProblem(parsed.expr);
    if (problem !== undefined) return { ok: false, message: problem };
    const run = plan(env, parsed);
    return { ok: true, expression: { evaluate: (incident) => evaluate(run, incident) } };
  } catch (error) {
    return { ok: false, message: `it is no CEL expression: ${firstLine(error)}.` };
  }
}

function evaluate(run: ReturnType<typeof plan>, incident: IncidentFacts): true | ExpressionRefusal {
  try {
    const value = run({ incident: valuesOf(incident) });
    if (value === true) return true;
    if (value === false) return { reason: 'ExpressionFalse', message: 'match.expression is not true of it.' };
    if (isCelError(value))
      return failed(`${value.message}. Where a field may be absent, ask has(incident.FIELD) first.`);
    return failed(`the answer is a ${typeof value}; wanted true or false.`);
  } catch (error) {
    return failed(`${firstLine(error)}.`);
  }
}

function failed(why: string): ExpressionRefusal {
  return { reason: 'ExpressionFailed', message: `match.expression could not be answered: ${why}` };
}

/** Labels of one object; more would only be there to make a loop long. */
const mostLabels = 50;

type Value = string | bigint | Map<string, string>;

/** Whole numbers become ints, as the API's fields are; absent fields stay absent, so that has() tells. */
function valuesOf({ labels, hook, owner, exitCode, restartCount, ...texts }: IncidentFacts): Map<string, Value> {
  const values = new Map<string, Value>(Object.entries(texts));
  values.set('labels', new Map(Object.entries(labels).slice(0, mostLabels)));
  values.set('hook', new Map(Object.entries(hook)));
  if (owner !== undefined) values.set('owner', new Map(Object.entries(owner)));
  if (exitCode !== undefined) values.set('exitCode', BigInt(exitCode));
  if (restartCount !== undefined) values.set('restartCount', BigInt(restartCount));
  return values;
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.slice(0, 200);
}
