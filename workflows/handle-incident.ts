/**
 * Step 5: the story of one incident. Render the prompt, ask the agent, then watch until the trouble has been gone.
 *
 * Started by the watcher, one per incident; Running means the incident is firing, Completed resolved, Failed that the
 * agent could not be asked. Deterministic: reads no clock but Temporal's, and touches nothing but its activities.
 */

import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Incident, OccurrencesSignal, ResolvedSignal } from './contract/incident.ts';
import { signalNames } from './contract/names.ts';
import type { IncidentState, Outcome } from './contract/outcome.ts';
import { currentDetails, nextStep } from './current-details.ts';
import { deliverOnce, describeOnce, renderOnce, waitToRedeliver } from './deliver.ts';
import {
  addTransition,
  beginRecord,
  type IncidentRecord,
  memoOf,
  msUntilOver,
  takeOccurrence,
  takeResolved,
  transition,
} from './incident-record.ts';

/** How often the memo of a firing incident is brought up to date at most; each write is an event in the history. */
const memoEveryMs = 60_000;

const stateKey = defineSearchAttributeKey('IncidentState', 'KEYWORD');
const failureReasonKey = defineSearchAttributeKey('FailureReason', 'KEYWORD');
const stateChangedAtKey = defineSearchAttributeKey('StateChangedAt', 'DATETIME');

const occurrencesSignal = defineSignal<[OccurrencesSignal]>(signalNames.occurrences);
const resolvedSignal = defineSignal<[ResolvedSignal]>(signalNames.resolved);

type Message = { kind: 'occurrences'; signal: OccurrencesSignal } | { kind: 'resolved'; signal: ResolvedSignal };

/** One run's view: the incident, what is known of it, and the signals not yet read. */
interface Run {
  incident: Incident;
  record: IncidentRecord;
  inbox: Message[];
  memoWrittenMs: number;
}

export async function handleIncident(incident: Incident, carried?: IncidentRecord): Promise<Outcome> {
  const run: Run = {
    incident,
    record: carried ?? beginRecord(incident, workflowInfo().runId, Date.now()),
    inbox: [],
    memoWrittenMs: Date.now(),
  };
  setHandler(occurrencesSignal, (signal) => void run.inbox.push({ kind: 'occurrences', signal }));
  setHandler(resolvedSignal, (signal) => void run.inbox.push({ kind: 'resolved', signal }));
  try {
    await ask(run);
    await watchUntilOver(run);
    return outcomeOf(run);
  } catch (error) {
    recordEnding(run, error);
    throw error;
  }
}

async function ask(run: Run): Promise<void> {
  const { incident, record } = run;
  if (record.agentRun !== undefined || record.request !== undefined) return;
  show(run, 'the agent is being asked');
  await renderOnce(incident, record);
  if (incident.mode === 'observe') return observe(run);
  for (;;) {
    const agentRun = await deliverOnce(incident, record);
    drain(run);
    if (agentRun !== undefined) {
      record.agentRun = agentRun;
      delete record.failure;
      enter(run, 'asked', { note: agentRun.executionId });
      return;
    }
    if (record.redeliveries === 0)
      enter(run, 'redelivering', record.failure === undefined ? {} : { note: record.failure });
    show(run, 'the agent is asked again after a pause');
    await waitToRedeliver(incident, record);
    drain(run);
    if (workflowInfo().continueAsNewSuggested) await continueRun(run);
  }
}

/** Everything but the call: what would have been sent stands in the execution. */
async function observe(run: Run): Promise<void> {
  const request = await describeOnce(run.incident, run.record);
  drain(run);
  run.record.request = request;
  enter(run, 'observed', { note: `${request.method} ${request.path} was not sent` });
}

/** Returns once the trouble has been gone for the quiet window; nothing is awaited after the last look at the inbox. */
async function watchUntilOver(run: Run): Promise<void> {
  let timer: { fired: boolean } | undefined;
  for (;;) {
    drain(run);
    if (workflowInfo().continueAsNewSuggested) await continueRun(run);
    const remainingMs = msUntilOver(run.incident, run.record, Date.now());
    if (remainingMs !== undefined && remainingMs <= 0) break;
    show(run, nextStep(run.incident, run.record));
    // A timer that is still running is kept: when it fires, what remains is counted anew. Fewer events than restarting it.
    if (remainingMs !== undefined && timer === undefined) timer = startTimer(remainingMs);
    const current = timer;
    await condition(() => run.inbox.length > 0 || current?.fired === true);
    if (current?.fired === true) timer = undefined;
  }
  enter(run, 'resolved', run.record.resolved === undefined ? {} : { note: run.record.resolved.message });
  show(run, 'nothing: the incident is over');
}

function startTimer(ms: number): { fired: boolean } {
  const timer = { fired: false };
  // A cancelled run ends by the condition beside it; the timer's own rejection carries no news.
  sleep(ms, { summary: 'over when quiet until then' }).then(
    () => {
      timer.fired = true;
    },
    () => undefined,
  );
  return timer;
}

/** Reads every signal that has arrived. Synchronous, so that nothing can arrive in between. */
function drain(run: Run): void {
  let news = false;
  for (const message of run.inbox.splice(0)) news = take(run.record, message) || news;
  if (news && Date.now() - run.memoWrittenMs >= memoEveryMs) writeMemo(run);
}

function take(record: IncidentRecord, message: Message): boolean {
  const nowMs = Date.now();
  if (message.kind === 'resolved') return takeResolved(record, message.signal, nowMs);
  let news = false;
  for (const occurrence of message.signal.occurrences) news = takeOccurrence(record, occurrence, nowMs) || news;
  return news;
}

/** Starts the next run of the same episode with everything known; called right after a look at the inbox. */
function continueRun(run: Run): Promise<never> {
  return continueAsNew<typeof handleIncident>(run.incident, run.record);
}

function enter(run: Run, state: IncidentState, ending: { note?: string; failureReason?: string } = {}): void {
  addTransition(run.record, transition(state, Date.now(), ending.note));
  const reason = ending.failureReason;
  writeMemo(run, [
    { key: stateKey, value: state },
    ...(reason === undefined ? [] : [{ key: failureReasonKey, value: reason }]),
  ]);
}

function writeMemo(run: Run, attributes: SearchAttributeUpdatePair[] = []): void {
  run.memoWrittenMs = Date.now();
  upsertMemo({ incident: memoOf(run.incident, run.record) });
  upsertSearchAttributes([...attributes, { key: stateChangedAtKey, value: new Date() }]);
}

function recordEnding(run: Run, error: unknown): void {
  if (isCancellation(error)) {
    enter(run, 'cancelled');
    return;
  }
  if (!(error instanceof ApplicationFailure)) return;
  run.record.failure = error.message;
  const reason = error.type ?? 'Unknown';
  enter(run, 'failed', { note: reason, failureReason: reason });
  show(run, 'nothing by itself: edit the Hook, or reset this execution once the reason is gone');
}

function show(run: Run, next: string): void {
  setCurrentDetails(currentDetails(run.incident, run.record, next));
}

function outcomeOf({ record }: Run): Outcome {
  return {
    state: 'resolved',
    ...(record.agentRun !== undefined && { agentRun: record.agentRun }),
    ...(record.request !== undefined && { request: record.request }),
    occurrences: record.count,
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
  };
}
