/**
 * A run that waits for people: since when, until when, what it gets when nobody answers, and how a pause was left.
 *
 * Pure functions over the record. The run's own time does not pass while it waits.
 */
import type { RunPause } from '../contract/agent-run.ts';
import type { Incident } from '../contract/incident.ts';
import type { Decided, IncidentState, Waiting } from '../contract/outcome.ts';
import { type AnswerCause, type Decision, type Reply, whatWasDecided } from '../contract/plain/answer.ts';
import { isListed } from '../contract/plain/glob.ts';
import { inertLine } from '../contract/plain/inert-text.ts';
import { isoSeconds } from '../contract/plain/rfc3339.ts';
import { forgetPause, type IncidentRecord } from '../record/incident-record.ts';

/** Who answers where no person did. */
const ownName = 'kagent-hooks';
/** Pauses of which it is remembered how they were left. */
const decidedLimit = 5;
/** Tools that are remembered by name. */
const namesLimit = 10;
const defaultApprovalTimeoutMs = 24 * 3_600_000;
const defaultRunTimeoutMs = 30 * 60_000;
/** The workflow ends the activity that follows a waiting run; where it cannot, the activity ends so much later. */
const spareMs = 24 * 3_600_000;

export function beginWaiting({ timing }: Incident, record: IncidentRecord, nowMs: number): void {
  record.waiting = { sinceMs: nowMs, untilMs: nowMs + (timing.approvalTimeoutMs ?? defaultApprovalTimeoutMs) };
}

export function stateOfPause({ kind }: Pick<RunPause, 'kind'>): IncidentState {
  return kind === 'approval' ? 'awaiting-approval' : 'awaiting-answer';
}

export function leavePause(record: IncidentRecord, decided: Decided, nowMs: number): void {
  record.decided = [...(record.decided ?? []), decided].slice(-decidedLimit);
  const { waiting } = record;
  if (waiting !== undefined) record.waitedMs = (record.waitedMs ?? 0) + nowMs - waiting.sinceMs;
  forgetPause(record);
}

export function decidedHere({ tools }: RunPause, reply: Reply): Decided {
  const { pauseId, cause, by, why, atMs } = reply;
  return { pauseId, cause, by, what: whatWasDecided(reply), at: isoSeconds(atMs), why, tools: namesOf(tools) };
}

export function decidedElsewhere({ id, tools }: RunPause, nowMs: number): Decided {
  return { pauseId: id, cause: 'elsewhere', what: 'decided elsewhere', at: isoSeconds(nowMs), tools: namesOf(tools) };
}

function namesOf(tools: RunPause['tools']): string[] | undefined {
  return tools.length === 0 ? undefined : tools.slice(0, namesLimit).map(({ name }) => name);
}

/** `approved by alice: it is a copy`. */
export function inWords({ what, by, why, cause, tools = [] }: Omit<Decided, 'pauseId' | 'at'>): string {
  if (cause === 'timeout') return 'rejected, because nobody answered in time';
  if (cause === 'auto-approve')
    return `approved by the list of the Hook (approval.autoApprove): ${tools.join(', ')}`.slice(0, 400);
  return `${what}${by === undefined ? '' : ` by ${by}`}${why === undefined ? '' : `: ${why}`}`;
}

/** When the run has had its time, or, while it waits, when it is no longer followed. */
export function deadlineOf({ timing }: Incident, record: IncidentRecord, askedMs: number): number {
  const { waiting, waitedMs = 0 } = record;
  const ownMs = askedMs + (timing.runTimeoutMs ?? defaultRunTimeoutMs) + waitedMs;
  if (waiting === undefined) return ownMs;
  return waiting.isTimeUp === true ? waiting.untilMs : ownMs + waiting.untilMs - waiting.sinceMs + spareMs;
}

/** Milliseconds until nobody has answered in time; undefined where somebody has, or nothing waits. */
export function msUntilUnanswered({ waiting, reply }: IncidentRecord, nowMs: number): number | undefined {
  if (waiting === undefined || reply !== undefined || waiting.isTimeUp === true) return undefined;
  return Math.max(0, waiting.untilMs - nowMs);
}

/** What the Hook's own list says; undefined where a person has to. Never for a question, or for what cannot all be seen. */
export function autoReply({ approval, hook }: Incident, pause: RunPause, nowMs: number): Reply | undefined {
  const { autoApprove = [] } = approval ?? {};
  const { tools, questions = [], decidable } = pause;
  const isWhole = decidable === 'each' || decidable === 'whole';
  const areAll = tools.length > 0 && tools.every((tool) => tool.isRenamed !== true && isListed(autoApprove, tool.name));
  if (!isWhole || questions.length > 0 || !areAll) return undefined;
  const why = `approval.autoApprove of Hook ${hook.namespace}/${hook.name}`;
  return ownReply(pause, 'auto-approve', { why, atMs: nowMs });
}

/** The answer when nobody has given one; undefined where the run is to be cancelled. */
export function timeoutReply({ approval }: Incident, record: IncidentRecord, nowMs: number): Reply | undefined {
  const { pause, waiting } = record;
  if (pause === undefined || waiting === undefined || approval?.onTimeout === 'cancel') return undefined;
  if ((pause.decidable ?? 'nothing') === 'nothing') return undefined;
  const why = `Nobody answered between ${isoSeconds(waiting.sinceMs)} and ${isoSeconds(waiting.untilMs)}.`;
  return ownReply(pause, 'timeout', { why, atMs: nowMs });
}

function ownReply(pause: RunPause, cause: AnswerCause, { why, atMs }: { why: string; atMs: number }): Reply {
  const verdict: Decision = cause === 'auto-approve' ? 'approve' : 'reject';
  const reason = verdict === 'reject' ? why : undefined;
  return {
    pauseId: pause.id,
    verdicts: pause.tools.map(({ id }) => ({ id, verdict, reason })),
    by: ownName,
    why,
    cause,
    atMs,
  };
}

/** What it waits for, for the memo; undefined while it does not. */
export function waitingOf({ approval }: Incident, record: IncidentRecord): Waiting | undefined {
  const { pause, waiting, reply } = record;
  if (pause === undefined || waiting === undefined) return undefined;
  return {
    pause: pause.id,
    kind: pause.kind,
    message: pause.message,
    decidable: pause.decidable ?? 'nothing',
    tools: pause.tools,
    questions: pause.questions,
    since: isoSeconds(waiting.sinceMs),
    until: isoSeconds(waiting.untilMs),
    onTimeout: approval?.onTimeout ?? 'reject',
    answeredBy: reply?.by,
    over: overWords(record),
  };
}

/** Why the incident is over while its run still waits; undefined while it is not. */
export function overWords({ resolved, isOver }: IncidentRecord): string | undefined {
  if (resolved !== undefined) return `The incident is over: ${resolved.message}`;
  return isOver === true ? 'The incident is over: nothing more was seen of it.' : undefined;
}

/** One line about what is asked, for transitions and Events. */
export function pauseWords(pause: RunPause, { waiting }: IncidentRecord): string {
  const until = waiting === undefined ? '' : ` until ${isoSeconds(waiting.untilMs)}`;
  const tools = pause.tools.map(({ name, arguments: text }) => `${name} ${inertLine(text, 120)}`);
  const questions = (pause.questions ?? []).map(({ question }) => question);
  const asked = [...tools, ...questions].join('; ') || pause.message;
  return `pause ${pause.id}${until}: ${inertLine(asked, 300)}`;
}
