/**
 * What happened to an execution since its Events were written last, as further Events about its Hook. Pure.
 *
 * Made from the transitions in the memo, of which several may have come at once. The words are khook's where it has some.
 */
import type { IncidentState } from '../../workflows/contract/outcome.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { ExecutionRow } from '../reporting/executions.ts';
import type { EventReason, NewEvent } from './kube-event.ts';

/** What Events were made of before. */
export interface Reported {
  /** The steps of a run, each as its state and moment. */
  steps: ReadonlySet<string>;
  /** Occurrences that joined. */
  joined: number;
  /** Until then, Events would be written about it if they were not known to be. */
  freshUntilMs: number;
}

export const nothingReported: Reported = { steps: new Set(), joined: 0, freshUntilMs: 0 };

/** Events are for people who watch: what happened long before we saw it is in Temporal's history. */
const freshMs = 10 * 60_000;

/** Characters of an answer; an Event's note holds 1 KiB. */
const answerChars = 600;
const noteChars = 450;

/** A transition, or the termination that the execution could not write itself. */
interface Step {
  state: IncidentState | 'terminated';
  at: string;
  note?: string | undefined;
}

type Words = (row: ExecutionRow, step: Step) => string;

/** By state; one that is not here makes no Event. */
const wordings: Partial<Record<Step['state'], { reason: EventReason; words: Words }>> = {
  delivering: {
    reason: 'EventFiring',
    words: ({ workflowId, agent }, { note }) => `${note ?? `asking agent ${agent}`}; execution ${workflowId}`,
  },
  asked: {
    reason: 'AgentCallSuccess',
    words: ({ agent }, { note }) => `agent ${agent} started ${note ?? ''}`,
  },
  'awaiting-approval': {
    reason: 'ApprovalRequired',
    words: ({ agent }, { note }) => `agent ${agent} waits for an approval, ${inertLine(note ?? '', noteChars)}`,
  },
  'awaiting-answer': {
    reason: 'AnswerRequired',
    words: ({ agent }, { note }) => `agent ${agent} waits for an answer, ${inertLine(note ?? '', noteChars)}`,
  },
  answered: {
    reason: 'AgentRunCompleted',
    words: ({ agent, memo }) => `agent ${agent} answered: ${inertLine(memo.answer ?? '(nothing)', answerChars)}`,
  },
  'run-failed': {
    reason: 'AgentRunFailed',
    words: ({ agent }, { note }) => `the run of agent ${agent} ended as ${inertLine(note ?? '', answerChars)}`,
  },
  redelivering: {
    reason: 'AgentCallFailure',
    words: ({ agent }, { note }) => `agent ${agent} could not be asked, and will be asked again: ${note ?? ''}`,
  },
  failed: {
    reason: 'AgentCallFailure',
    words: ({ agent, memo }, { note }) => `agent ${agent} could not be asked (${note ?? ''}): ${memo.failure ?? ''}`,
  },
  resolved: {
    reason: 'EventResolved',
    words: (_, { note }) => note ?? 'nothing was seen of it for the quiet window',
  },
  cancelled: { reason: 'EventResolved', words: endedByPeople },
  terminated: { reason: 'EventResolved', words: endedByPeople },
};

function endedByPeople({ workflowId }: ExecutionRow, { state, note }: Step): string {
  const more = note === undefined ? '' : `; ${inertLine(note, 300)}`;
  return `execution ${workflowId} was ${state}; its history says by whom and why${more}`;
}

export function eventsOf(
  row: ExecutionRow,
  hook: LiveHook,
  { reported, nowMs }: { reported: Reported; nowMs: number },
): NewEvent[] {
  const isFresh = (at: string) => nowMs - Date.parse(at) < freshMs;
  const steps = stepsOf(row).filter((step) => isFresh(step.at) && !reported.steps.has(keyOf(step)));
  const hasJoined = joinedOf(row) > reported.joined && isFresh(row.memo.lastSeen);
  return [...steps.flatMap((step) => stepEvent(row, hook, step)), ...(hasJoined ? [joinedEvent(row, hook)] : [])];
}

/** What has been reported once the Events of a row are written. */
export function reportedOf(row: ExecutionRow): Reported {
  const steps = stepsOf(row);
  const timesMs = [row.memo.lastSeen, ...steps.map(({ at }) => at)].map(Date.parse).filter(Number.isFinite);
  return { steps: new Set(steps.map(keyOf)), joined: joinedOf(row), freshUntilMs: Math.max(0, ...timesMs) + freshMs };
}

function stepsOf({ memo, state, isOpen, closedMs = 0 }: ExecutionRow): Step[] {
  if (isOpen || state !== 'terminated') return memo.transitions;
  return [...memo.transitions, { state, at: new Date(closedMs).toISOString() }];
}

/** The watcher writes the beginning with the occurrence's time, the execution with its own: it is one beginning. */
function keyOf({ state, at, note = '' }: Step): string {
  return state === 'delivering' ? `${state} ${note}` : `${state} ${at}`;
}

function joinedOf({ memo }: ExecutionRow): number {
  return memo.count - 1;
}

function stepEvent(row: ExecutionRow, hook: LiveHook, step: Step): NewEvent[] {
  const wording = wordings[step.state];
  if (wording === undefined) return [];
  const { reason, words } = wording;
  return [{ ...about(row, hook, words(row, step)), reason, key: `${row.runId} ${keyOf(step)}`, at: step.at }];
}

function joinedEvent(row: ExecutionRow, hook: LiveHook): NewEvent {
  const joined = joinedOf(row);
  return {
    ...about(row, hook, `more of the same joined execution ${row.workflowId}`),
    reason: 'DuplicateEventIgnored',
    key: `${row.runId} joined`,
    at: row.memo.firstSeen,
    ...(joined > 1 && { series: { count: joined, lastAt: row.memo.lastSeen } }),
  };
}

function about(row: ExecutionRow, hook: LiveHook, words: string): Pick<NewEvent, 'regarding' | 'related' | 'note'> {
  const { eventType, resourceNamespace: namespace, resourceName: name, memo } = row;
  const { subjectKind: kind, subjectUid: uid } = memo;
  const object = namespace === '' ? name : `${namespace}/${name}`;
  return {
    regarding: {
      apiVersion: 'kagent.dev/v1alpha2',
      kind: 'Hook',
      namespace: hook.namespace,
      name: hook.name,
      uid: hook.uid,
    },
    related: { apiVersion: apiVersions.get(kind) ?? 'apps/v1', kind, namespace, name, uid },
    note: `${eventType} of ${kind} ${object}: ${words}`,
  };
}

/** Of the kinds that incidents are about; the others are workloads. */
const apiVersions = new Map([
  ['Pod', 'v1'],
  ['Node', 'v1'],
  ['Job', 'batch/v1'],
  ['HorizontalPodAutoscaler', 'autoscaling/v2'],
]);
