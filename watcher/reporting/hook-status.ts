/**
 * The status of a Hook, made from its own problems and from its executions. Pure.
 *
 * Bounded whatever happens: counts are whole, the list shows the newest. Can be made from nothing at any time, so it is never
 * read back but for the times of transitions.
 */

import type { Verdict } from '../../workflows/contract/agent-check.ts';
import { type ActiveEvent, type Condition, HookStatus, Time } from '../../workflows/contract/hook-status.ts';
import type { IncidentMemo, Waiting } from '../../workflows/contract/outcome.ts';
import { inertLine, inertText } from '../../workflows/contract/plain/inert-text.ts';
import { statusAnswerChars } from '../../workflows/contract/plain/names.ts';
import type { AgentVerdicts } from '../agents/agent-verdicts.ts';
import { defaultPrompt } from '../hooks/default-prompt.ts';
import type { LiveHook } from '../hooks/live-hook.ts';

/** One execution as visibility shows it. */
export interface ExecutionRow {
  workflowId: string;
  runId: string;
  hookUid: string;
  isOpen: boolean;
  startedMs: number;
  closedMs: number | undefined;
  /** When it last changed its state, by Temporal's clock; left out where it has not since it was started. */
  changedMs?: number;
  eventType: string;
  resourceName: string;
  resourceNamespace: string;
  agent: string;
  state: string;
  memo: IncidentMemo;
}

/** Entries shown; `active` counts all. */
const shownLimit = 20;
/** Characters of a condition's message. */
const messageLimit = 4096;
/** Resolved incidents stay visible for so long. */
const shownForMs = 60 * 60_000;

/** What a status is made with, besides the Hook and its executions. */
export interface StatusContext {
  nowMs: number;
  verdicts: Pick<AgentVerdicts, 'reachable' | 'of' | 'readinessOf'>;
  /** Makes the link to an execution, where the address of the Web UI is known. */
  linkTo?: ((execution: { workflowId: string; runId: string }) => string) | undefined;
  /** A sentence about an expression of the Hook that could not be answered. */
  expressionFailure?: string | undefined;
}

export function statusOf(hook: LiveHook, rows: ExecutionRow[], context: StatusContext): HookStatus {
  const { nowMs } = context;
  const firing = rows.filter(({ isOpen }) => isOpen);
  const recent = rows.filter(({ isOpen, closedMs }) => !isOpen && nowMs - (closedMs ?? 0) < shownForMs);
  const newestFirst = (a: ExecutionRow, b: ExecutionRow) => b.startedMs - a.startedMs;
  const all = [...firing.toSorted(newestFirst), ...recent.toSorted(newestFirst)];
  const shown = all.slice(0, shownLimit);
  const lastFiredMs = rows.reduce((newest, { startedMs }) => Math.max(newest, startedMs), 0);
  const earlier = HookStatus.safeParse(hook.status);
  const lastFired = lastFiredMs > 0 ? isoSeconds(lastFiredMs) : earlier.data?.lastFired;
  return {
    activeEvents: shown.map((row) => eventOf(row, context.linkTo)),
    active: firing.length,
    ...(all.length > shown.length && { more: all.length - shown.length }),
    ...(lastFired !== undefined && { lastFired }),
    observedGeneration: hook.generation,
    conditions: conditionsOf(hook, earlier.data?.conditions ?? [], context),
  };
}

/** Equal but for the time of writing: such a status is not written again. */
export function isSameStatus(written: unknown, expected: HookStatus): boolean {
  const parsed = HookStatus.safeParse(written);
  if (!parsed.success) return false;
  const { lastUpdated: _, ...rest } = parsed.data;
  return JSON.stringify(sorted(rest)) === JSON.stringify(sorted(expected));
}

function eventOf(row: ExecutionRow, linkTo: StatusContext['linkTo']): ActiveEvent {
  const { memo } = row;
  return {
    eventType: inertLine(row.eventType, 63),
    resourceName: inertLine(row.resourceName, 253),
    firstSeen: timeOr(memo.firstSeen, row.startedMs),
    lastSeen: timeOr(memo.lastSeen, row.closedMs ?? row.startedMs),
    status: row.isOpen ? 'firing' : 'resolved',
    state: inertLine(row.state, 63),
    executionId: inertLine(row.workflowId, 255),
    ...(linkTo !== undefined && { link: linkTo(row) }),
    agent: inertLine(row.agent, 507),
    ...runOf(row),
    ...(Number.isSafeInteger(memo.count) && memo.count >= 1 && { count: memo.count }),
  };
}

/** What is known of the agent's run. */
function runOf({ memo, isOpen }: ExecutionRow): Partial<ActiveEvent> {
  const { agentRun, agentRunLink, waiting, outcome, answer } = memo;
  return {
    ...(agentRun !== undefined && { agentRun: inertLine(agentRun, 253) }),
    ...(agentRunLink !== undefined && { agentRunLink: inertLine(agentRunLink, 2048) }),
    ...(waiting !== undefined && isOpen && { waiting: waitingOf(waiting) }),
    ...(outcome !== undefined && { outcome: inertLine(outcome, 63) }),
    ...(answer !== undefined && { answer: inertText(answer, statusAnswerChars) }),
  };
}

/** Of an incident; a status shows up to twenty incidents. */
const waitingToolsLimit = 10;

/** Bounded as the CRD has it: an execution may hold more than a status has room for. */
function waitingOf({ pause, kind, until, message, tools }: Waiting): NonNullable<ActiveEvent['waiting']> {
  return {
    pause: inertLine(pause, 64),
    for: kind,
    ...(until !== undefined && Time.safeParse(until).success && { until }),
    message: inertLine(message, 512),
    ...(tools.length > 0 && {
      tools: tools.slice(0, waitingToolsLimit).map(({ id, name, arguments: text }) => ({
        id: inertLine(id, 64),
        name: inertLine(name, 253),
        arguments: inertLine(text, 256),
      })),
    }),
  };
}

/** The API server refuses a whole status for one time that is none; Temporal's own time stands in for it. */
function timeOr(at: string, ms: number): string {
  return Time.safeParse(at).success ? at : isoSeconds(ms);
}

function conditionsOf(hook: LiveHook, earlier: Condition[], context: StatusContext): Condition[] {
  const { nowMs, verdicts, expressionFailure } = context;
  const expected = {
    Ready: readyOf(hook, expressionFailure),
    AgentResolved: resolvedOf(hook, verdicts),
    AgentReachable: reachableOf(hook, verdicts),
  };
  return Object.entries(expected).map(([type, verdict]) => {
    const before = earlier.find((condition) => condition.type === type);
    const isUnchanged = before !== undefined && before.status === verdict.status;
    return {
      type,
      ...verdict,
      message: inertLine(verdict.message, messageLimit),
      lastTransitionTime: isUnchanged ? before.lastTransitionTime : isoSeconds(nowMs),
      observedGeneration: hook.generation,
    };
  });
}

/** One missing agent is enough for False; what could not be asked is Unknown, and delivered to all the same. */
function resolvedOf(hook: LiveHook, verdicts: StatusContext['verdicts']): Verdict {
  const notYet: Verdict = {
    status: 'Unknown',
    reason: 'NotChecked',
    message: 'The agents of this Hook were not looked up yet.',
  };
  const found = hook.configurations.map(({ agent }) => verdicts.of(agent) ?? notYet);
  const telling =
    found.find(({ status }) => status === 'False') ?? found.find(({ status }) => status === 'Unknown') ?? found[0];
  if (telling === undefined)
    return { status: 'Unknown', reason: 'NoAgent', message: 'No configuration of this Hook names an agent.' };
  if (telling.status !== 'False') return telling;
  const missing = found.filter(({ status }) => status === 'False').map(({ message }) => message);
  return { ...telling, message: [...new Set(missing)].join(' ') };
}

/** The platform answers, and the agents of this Hook can work as far as it says. */
function reachableOf(hook: LiveHook, { reachable, readinessOf }: StatusContext['verdicts']): Verdict {
  if (reachable === undefined) return { status: 'Unknown', reason: 'NotChecked', message: 'Kagent was not asked yet.' };
  if (reachable.status !== 'True') return reachable;
  const known = hook.configurations.flatMap(({ agent }) => readinessOf(agent) ?? []);
  const notReady = known.filter(({ status }) => status === 'False');
  const [first] = notReady;
  if (first === undefined) return reachable;
  return { ...first, message: [...new Set(notReady.map(({ message }) => message))].join(' ') };
}

/** What is done otherwise than it is written stands behind whatever else there is to say. */
function readyOf(hook: LiveHook, expressionFailure: string | undefined): Verdict {
  const verdict = acceptedOf(hook, expressionFailure);
  if (hook.raised.length === 0) return verdict;
  const reason = verdict.reason === 'Accepted' ? 'TimesRaised' : verdict.reason;
  return { ...verdict, reason, message: [verdict.message, ...hook.raised].join(' ') };
}

function acceptedOf({ configurations, problems, isPaused }: LiveHook, expressionFailure: string | undefined): Verdict {
  const good = configurations.length;
  const [worst] = problems;
  if (worst === undefined && isPaused) {
    return { status: 'True', reason: 'Paused', message: 'Nothing new is started while spec.paused is true.' };
  }
  if (worst === undefined && expressionFailure !== undefined) {
    return { status: 'False', reason: 'ExpressionFailed', message: expressionFailure };
  }
  if (worst === undefined) {
    const message = `${good} event configuration(s) are acted upon${defaultPrompts(configurations)}.`;
    return { status: 'True', reason: 'Accepted', message };
  }
  const rest = good === 0 ? 'Nothing of this Hook is acted upon.' : `The other ${good} are acted upon.`;
  const sentences = problems.map(({ message }) => message).join(' ');
  return { status: 'False', reason: worst.reason, message: `${sentences} ${rest}` };
}

/** Nobody should have to wonder what an agent is told where the Hook does not say. */
function defaultPrompts(configurations: LiveHook['configurations']): string {
  const count = configurations.filter(({ prompt }) => prompt === defaultPrompt).length;
  return count === 0 ? '' : `, ${count} of them with the default prompt`;
}

function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Keys in one order, so that texts can be compared. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}
