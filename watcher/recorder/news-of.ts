/**
 * What happened to an execution since it was looked at last, as Events about its Hook, in the words that khook uses. Pure.
 *
 * Made from the transitions in the memo, which may have come several at once; a row that tells nothing new makes no Event.
 */

import type { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { ExecutionRow } from '../reporting/hook-status.ts';
import type { News } from './kube-event.ts';

/** What was told of a run before. */
export interface Told {
  /** The transitions, each as its state and moment. */
  transitions: ReadonlySet<string>;
  /** Occurrences that were told to have joined. */
  joined: number;
}

export const nothingTold: Told = { transitions: new Set(), joined: 0 };

/** News is for people: what happened long before we saw it is in Temporal's history. */
const freshMs = 10 * 60_000;

/** Characters of an answer; an Event's note holds 1 KiB. */
const answerChars = 600;
const noteChars = 450;

type Transition = IncidentMemo['transitions'][number];
type Wording = Pick<News, 'type' | 'reason' | 'action'> & {
  words: (row: ExecutionRow, transition: Transition) => string;
};

/** By state; states that are not here are no news of their own. */
const wordings: Partial<Record<Transition['state'], Wording>> = {
  delivering: {
    type: 'Normal',
    reason: 'EventFiring',
    action: 'StartExecution',
    words: ({ workflowId, agent }, { note }) =>
      note === undefined ? `asking agent ${agent}; execution ${workflowId}` : `${note}; execution ${workflowId}`,
  },
  asked: {
    type: 'Normal',
    reason: 'AgentCallSuccess',
    action: 'AskAgent',
    words: ({ agent }, { note }) => `agent ${agent} started ${note ?? ''}`,
  },
  'awaiting-approval': {
    type: 'Warning',
    reason: 'ApprovalRequired',
    action: 'AwaitPeople',
    words: ({ agent }, { note }) => `agent ${agent} waits for an approval, ${inertLine(note ?? '', noteChars)}`,
  },
  'awaiting-answer': {
    type: 'Warning',
    reason: 'AnswerRequired',
    action: 'AwaitPeople',
    words: ({ agent }, { note }) => `agent ${agent} waits for an answer, ${inertLine(note ?? '', noteChars)}`,
  },
  answered: {
    type: 'Normal',
    reason: 'AgentRunCompleted',
    action: 'FollowAgent',
    words: ({ agent, memo }) => `agent ${agent} answered: ${inertLine(memo.answer ?? '(nothing)', answerChars)}`,
  },
  'run-failed': {
    type: 'Warning',
    reason: 'AgentRunFailed',
    action: 'FollowAgent',
    words: ({ agent }, { note }) => `the run of agent ${agent} ended as ${inertLine(note ?? '', answerChars)}`,
  },
  redelivering: {
    type: 'Warning',
    reason: 'AgentCallFailure',
    action: 'AskAgent',
    words: ({ agent }, { note }) => `agent ${agent} could not be asked, and will be asked again: ${note ?? ''}`,
  },
  failed: {
    type: 'Warning',
    reason: 'AgentCallFailure',
    action: 'AskAgent',
    words: ({ agent, memo }, { note }) => `agent ${agent} could not be asked (${note ?? ''}): ${memo.failure ?? ''}`,
  },
  resolved: {
    type: 'Normal',
    reason: 'EventResolved',
    action: 'EndExecution',
    words: (_, { note }) => note ?? 'nothing was seen of it for the quiet window',
  },
  cancelled: {
    type: 'Normal',
    reason: 'EventResolved',
    action: 'EndExecution',
    words: ({ workflowId }, { note }) =>
      `execution ${workflowId} was cancelled; its history says by whom and why${note === undefined ? '' : `; ${inertLine(note, 300)}`}`,
  },
};

export function newsOf(row: ExecutionRow, hook: LiveHook, { told, nowMs }: { told: Told; nowMs: number }): News[] {
  const { transitions, lastSeen, firstSeen, count } = row.memo;
  const joined = count - 1;
  const isFresh = (at: string) => nowMs - Date.parse(at) < freshMs;
  const fresh = transitions.filter((one) => isFresh(one.at) && !told.transitions.has(transitionKey(one)));
  return [
    ...fresh.flatMap((transition) => tellTransition(row, hook, transition)),
    ...(isTerminated(row) && isFresh(iso(row.closedMs)) && !told.transitions.has('terminated')
      ? [tellTerminated(row, hook)]
      : []),
    ...(joined > told.joined && isFresh(lastSeen) ? [tellJoined(row, hook, { joined, firstSeen, lastSeen })] : []),
  ];
}

export function toldOf(row: ExecutionRow): Told {
  const { transitions, count } = row.memo;
  const keys = transitions.map(transitionKey);
  return { transitions: new Set(isTerminated(row) ? [...keys, 'terminated'] : keys), joined: count - 1 };
}

/** One that was terminated could write nothing about it. */
function isTerminated({ state, isOpen }: ExecutionRow): boolean {
  return state === 'terminated' && !isOpen;
}

function tellTerminated(row: ExecutionRow, hook: LiveHook): News {
  return {
    ...about(row, hook, `execution ${row.workflowId} was terminated; its history says by whom and why`),
    type: 'Normal',
    reason: 'EventResolved',
    action: 'EndExecution',
    key: `${row.runId} terminated`,
    at: iso(row.closedMs),
  };
}

function iso(ms = 0): string {
  return new Date(ms).toISOString();
}

/** The watcher writes the beginning with the occurrence's time, the execution with its own: it is one beginning. */
function transitionKey({ state, at, note = '' }: Transition): string {
  return state === 'delivering' ? `${state} ${note}` : `${state} ${at}`;
}

function tellTransition(row: ExecutionRow, hook: LiveHook, transition: Transition): News[] {
  const wording = wordings[transition.state];
  if (wording === undefined) return [];
  const { words, ...rest } = wording;
  const key = `${row.runId} ${transitionKey(transition)}`;
  return [{ ...about(row, hook, words(row, transition)), ...rest, key, at: transition.at }];
}

function tellJoined(
  row: ExecutionRow,
  hook: LiveHook,
  { joined, firstSeen, lastSeen }: { joined: number; firstSeen: string; lastSeen: string },
): News {
  return {
    ...about(row, hook, `more of the same joined execution ${row.workflowId}`),
    type: 'Normal',
    reason: 'DuplicateEventIgnored',
    action: 'JoinExecution',
    key: `${row.runId} joined`,
    at: firstSeen,
    ...(joined > 1 && { series: { count: joined, lastAt: lastSeen } }),
  };
}

function about(row: ExecutionRow, hook: LiveHook, words: string): Pick<News, 'regarding' | 'related' | 'note'> {
  const { eventType, resourceNamespace: namespace, resourceName: name, memo } = row;
  const place = namespace === '' ? name : `${namespace}/${name}`;
  return {
    regarding: {
      apiVersion: 'kagent.dev/v1alpha2',
      kind: 'Hook',
      namespace: hook.namespace,
      name: hook.name,
      uid: hook.uid,
    },
    related: {
      apiVersion: apiVersionOf(memo.subjectKind),
      kind: memo.subjectKind,
      namespace,
      name,
      uid: memo.subjectUid,
    },
    note: `${eventType} of ${memo.subjectKind} ${place}: ${words}`,
  };
}

/** Of the kinds that incidents are about. */
function apiVersionOf(kind: string): string {
  if (kind === 'Job') return 'batch/v1';
  if (kind === 'HorizontalPodAutoscaler') return 'autoscaling/v2';
  return kind === 'Pod' || kind === 'Node' ? 'v1' : 'apps/v1';
}
