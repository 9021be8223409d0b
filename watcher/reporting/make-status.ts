/**
 * The status of a Hook, unless all that it was made from last is the same: a thousand Hooks at rest cost nothing.
 *
 * Writes nothing, and keeps nothing.
 */
import type { HookStatus } from '../../workflows/contract/hook-status.ts';
import type { KnownAgents } from '../agents/known-agents.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { KnownExecution } from './executions.ts';
import type { ExpressionFailures } from './expression-failures.ts';
import { type StatusContext, sameUntilMs, statusOf } from './hook-status.ts';
import type { KnownExecutions } from './known-executions.ts';

/** Where the parts of a status come from, besides the Hook. */
export interface Sources {
  executions: Pick<KnownExecutions, 'rowsOf'>;
  agents: Pick<KnownAgents, 'reachable' | 'of' | 'readinessOf' | 'version'>;
  expressionFailures: Pick<ExpressionFailures, 'of'>;
  linkTo: StatusContext['linkTo'];
}

export interface Made {
  inputs: Inputs;
  /** The same inputs make the same status until then. */
  untilMs: number;
  status: HookStatus;
}

/** Each is another one, by `===`, whenever a status may become another one by it. */
interface Inputs {
  hook: LiveHook;
  rows: readonly KnownExecution[];
  agentsVersion: number;
  expressionFailure: string | undefined;
}

/** Undefined where it would be as it was `before`. */
export function makeStatus(sources: Sources, hook: LiveHook, before: Made | undefined): Made | undefined {
  const { agents, executions, expressionFailures, linkTo } = sources;
  const nowMs = Date.now();
  const rows = executions.rowsOf(hook.uid);
  const inputs = { hook, rows, agentsVersion: agents.version(), expressionFailure: expressionFailures.of(hook) };
  if (before !== undefined && nowMs < before.untilMs && isSame(before.inputs, inputs)) return undefined;
  const status = statusOf(hook, rows, { nowMs, agents, linkTo, expressionFailure: inputs.expressionFailure });
  return { inputs, untilMs: sameUntilMs(rows, nowMs), status };
}

function isSame(one: Inputs, other: Inputs): boolean {
  return (
    one.hook === other.hook &&
    one.rows === other.rows &&
    one.agentsVersion === other.agentsVersion &&
    one.expressionFailure === other.expressionFailure
  );
}
