/**
 * One incident as text for a terminal, step by step, in the words of the README's journey. Pure.
 *
 * What others wrote is shown inert.
 */
import { inertLine, inertText } from '../../../../workflows/contract/plain/inert-text.ts';
import type { Trouble } from './make-trouble.ts';
import type { Ask } from './read-asks.ts';
import { type IncidentExecution, isWaiting } from './read-snapshot.ts';

/** What is shown beside the execution. */
export interface Surroundings {
  /** Why there is an incident; undefined for one that nobody made. */
  trouble: Trouble | undefined;
  asks: readonly Ask[];
  /** Base URL of the Web UI, and the namespace in it. */
  uiUrl: string;
  namespace: string;
  paint: Paint;
}

/** As much as the memo of an execution has of an answer, and more than a prompt of the examples. */
const shownChars = 4096;
/** Of one step: an answer, broken into lines. */
const stepChars = 2 * shownChars;
const answerColumns = 100;

/** Makes a text stand out where colours can be shown. */
export type Paint = (how: 'bold' | 'dim' | 'green' | 'red', text: string) => string;

export function describeIncident(execution: IncidentExecution, surroundings: Surroundings): string {
  const { trouble, asks, paint } = surroundings;
  const { memo } = execution;
  const step = (name: string, text: string) => indented(paint('dim', name.padEnd(8)), inertText(text, stepChars));
  const seen = memo.count === 1 ? `once, at ${memo.firstSeen}` : `${memo.count} times, last at ${memo.lastSeen}`;
  return [
    `${paint('bold', inertLine(`■ ${execution.type} of Pod ${execution.pod}`, shownChars))}${trouble === undefined ? '' : `: ${trouble.how}`}`,
    step('seen', seen),
    step('matched', `Hook ${execution.hook} → agent ${execution.agent}`),
    step('started', execution.workflowId),
    step('asked', whatWasAsked(execution, asks)),
    ...asks.map(({ prompt }) => step('prompt', inertText(prompt, shownChars).trimEnd())),
    ...answerSteps(execution).map(([name, text]) => step(name, text)),
    step('now', statesOf(memo.transitions).join(' → ')),
    step('Web UI', executionUrl(execution, surroundings)),
    '',
  ].join('\n');
}

function whatWasAsked({ memo }: IncidentExecution, asks: readonly Ask[]): string {
  const requests = asks.map(({ how, answered }) => `${how} → ${answered}`);
  const ending = memo.agentRun === undefined ? `failed: ${memo.failure ?? ''}` : `agent run ${memo.agentRun}`;
  return [...requests, ending].join(', ');
}

/** What came from the agent after it was asked, each with the name of its step. */
function answerSteps({ state, memo }: IncidentExecution): [name: string, text: string][] {
  const { outcome, answer, transitions, agentRunLink } = memo;
  const said: [string, string][] = agentRunLink === undefined ? [] : [['Kagent', agentRunLink]];
  const noteOf = (expected: string) => inertLine(newest(transitions, expected)?.note ?? '', shownChars);
  if (isWaiting({ state })) return [...said, ['waits', `for people, ${noteOf(state)}`]];
  if (outcome === undefined) return said;
  const after = afterHow(transitions);
  if (outcome !== 'AgentRunCompleted') return [...said, ['ended', `${after}, ${noteOf('run-failed') || outcome}`]];
  const text = answer === undefined ? '(nothing)' : wrapped(inertText(answer, shownChars).trim());
  return [...said, ['answered', `${after}, ${outcome}:\n${text}`]];
}

type Transitions = IncidentExecution['memo']['transitions'];

function newest(transitions: Transitions, ...states: string[]): Transitions[number] | undefined {
  return transitions.findLast(({ state }) => states.includes(state));
}

function afterHow(transitions: Transitions): string {
  const atOf = (...states: string[]) => Date.parse(newest(transitions, ...states)?.at ?? '');
  const ms = atOf('answered', 'run-failed') - atOf('asked');
  return Number.isNaN(ms) ? 'at an unknown time' : `after ${Math.round(ms / 1000)} s`;
}

/** A state may be there twice in a row, with another note. */
function statesOf(transitions: Transitions): string[] {
  const states = transitions.map(({ state }) => state);
  return states.filter((state, n) => state !== states[n - 1]);
}

/** Breaks lines between words. */
function wrapped(text: string): string {
  return text.replaceAll(new RegExp(`(?=.{${answerColumns + 1}})(.{1,${answerColumns}}) +`, 'gu'), '$1\n');
}

/** The page of the execution in Temporal's Web UI. */
function executionUrl({ workflowId, runId }: IncidentExecution, { uiUrl, namespace }: Surroundings): string {
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId.toWellFormed())}/${runId}/history`;
}

function indented(name: string, text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return [`  ${name} ${first}`, ...rest.map((line) => `           ${line}`)].join('\n');
}
