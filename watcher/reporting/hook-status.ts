/**
 * The status of a Hook, made from its own problems and from its executions. Pure.
 *
 * Always bounded: counts are whole, the list shows the newest. Never read back but for the times of transitions, so it can be
 * made from nothing at any time.
 */
import { isDeepStrictEqual } from 'node:util';
import { type ActiveEvent, type HookStatus, Time } from '../../workflows/contract/hook-status.ts';
import type { Waiting } from '../../workflows/contract/outcome.ts';
import { inertLine, inertText } from '../../workflows/contract/plain/inert-text.ts';
import { statusAnswerChars } from '../../workflows/contract/plain/names.ts';
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { KnownExecution } from './executions.ts';
import { type ConditionContext, conditionsOf } from './hook-conditions.ts';

/** Entries shown; `active` counts all. */
const shownLimit = 20;
/** Resolved incidents stay visible for so long. */
export const shownForMs = 60 * 60_000;

/** What a status is made with, besides the Hook and its executions. */
export interface StatusContext extends ConditionContext {
  /** Makes the link to an execution, where the address of the Web UI is known. */
  linkTo?: ((execution: { workflowId: string; runId: string }) => string) | undefined;
}

export function statusOf(hook: LiveHook, rows: readonly KnownExecution[], context: StatusContext): HookStatus {
  const { nowMs } = context;
  const firing = rows.filter(({ isOpen }) => isOpen);
  const recent = rows.filter(({ isOpen, closedMs }) => !isOpen && nowMs - (closedMs ?? 0) < shownForMs);
  const newestFirst = (a: KnownExecution, b: KnownExecution) => b.startedMs - a.startedMs;
  const all = [...firing.toSorted(newestFirst), ...recent.toSorted(newestFirst)];
  const shown = all.slice(0, shownLimit);
  const lastFired = latest(rows, hook.status?.lastFired);
  return {
    activeEvents: shown.map((row) => eventOf(row, context.linkTo)),
    active: firing.length,
    ...(all.length > shown.length && { more: all.length - shown.length }),
    ...(lastFired !== undefined && { lastFired }),
    observedGeneration: hook.generation,
    conditions: conditionsOf(hook, hook.status?.conditions ?? [], context),
  };
}

/** When a status of these executions would be another one though nothing happens: the first closed one is not shown any more. */
export function sameUntilMs(rows: readonly KnownExecution[], nowMs: number): number {
  const ends = rows.filter(({ isOpen }) => !isOpen).map(({ closedMs }) => (closedMs ?? 0) + shownForMs);
  return ends.reduce((first, ms) => (ms > nowMs && ms < first ? ms : first), Number.POSITIVE_INFINITY);
}

/** Equal but for the time of writing: such a status is not written again. */
export function isSameStatus(written: HookStatus | undefined, expected: HookStatus): boolean {
  if (written === undefined) return false;
  const { lastUpdated: _, ...rest } = written;
  return isDeepStrictEqual(rest, expected);
}

/** The newest start; that of an execution which is not listed any more is known from the status before. */
function latest(rows: readonly KnownExecution[], before: string | undefined): string | undefined {
  const startedMs = rows.reduce((newest, row) => Math.max(newest, row.startedMs), 0);
  const beforeMs = Date.parse(before ?? '');
  return startedMs === 0 || beforeMs > startedMs ? before : isoSeconds(startedMs);
}

function eventOf(row: KnownExecution, linkTo: StatusContext['linkTo']): ActiveEvent {
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
function runOf({ memo, isOpen }: KnownExecution): Partial<ActiveEvent> {
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

/** One malformed time, and the API server refuses the whole status; Temporal's own time replaces it. */
function timeOr(at: string, ms: number): string {
  return Time.safeParse(at).success ? at : isoSeconds(ms);
}
