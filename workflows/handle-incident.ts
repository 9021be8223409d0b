/**
 * Step 5: the story of one incident. Render the prompt, ask the agent, then watch until the trouble is gone and the agent
 * run has ended.
 *
 * One execution per incident; Running means that it is firing or its agent works, Completed resolved, Failed that the
 * agent could not be asked. Deterministic: reads no clock but Temporal's, and touches nothing but its activities.
 */
import { ApplicationFailure, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import { isCarried } from './checks/check-carried.ts';
import { isIncident } from './checks/check-input.ts';
import type { AgentRun } from './contract/agent-run.ts';
import type { StartedIncident } from './contract/incident.ts';
import type { Outcome } from './contract/outcome.ts';
import { deliverOnce, describeOnce, renderByWorker, waitToRedeliver } from './deliver.ts';
import { cancelAtAgent, endRun } from './follow.ts';
import { beginRecord, continueRecord, type IncidentRecord, isRunning } from './record/incident-record.ts';
import { promptOfStart } from './record/prompt-of-start.ts';
import { takeAnswer, toAskAgain } from './record/record-run.ts';
import { continueRun, drain, enter, openRun, outcomeOf, passThrough, type Run, show, soFar } from './run.ts';
import { takeAnswers } from './waiting/answer.ts';
import { watchUntilOver } from './watch-until-over.ts';

export async function handleIncident(incident: StartedIncident, carried?: IncidentRecord): Promise<Outcome> {
  if (!isIncident(incident) || !isCarried(carried)) {
    throw ApplicationFailure.nonRetryable(
      'The input is no incident; only the watcher starts executions.',
      'NoIncident',
    );
  }
  const record = carried ? continueRecord(carried) : beginRecord(incident, workflowInfo().runId, Date.now());
  const run = openRun(incident, record);
  takeAnswers(run);
  try {
    await ask(run);
    for (let next = await watchUntilOver(run); next !== 'over'; next = await watchUntilOver(run)) {
      await askAgain(run, next);
    }
    enter(run, 'resolved', { note: run.record.resolved?.message });
    show(run, 'nothing: the incident is over');
    return outcomeOf(run);
  } catch (error) {
    await recordEnding(run, error);
    throw error;
  }
}

async function ask(run: Run): Promise<void> {
  const { incident, record } = run;
  if (record.agentRun !== undefined || record.request !== undefined) return;
  show(run, 'the agent is being asked');
  await keepPrompt(run);
  if (incident.mode === 'observe') return observe(run);
  for (;;) {
    run.isDelivering = true;
    const agentRun = await deliverOnce(incident, record);
    run.isDelivering = false;
    drain(run);
    if (agentRun !== undefined) {
      takeRun(run, agentRun);
      return;
    }
    if (record.redeliveries === 0) enter(run, 'redelivering', { note: record.failure });
    show(run, 'the agent is asked again after a pause');
    await waitToRedeliver(incident, record);
    drain(run);
    if (workflowInfo().continueAsNewSuggested) await continueRun(run);
  }
}

/** Every delivery of one ask sends the same text. */
async function keepPrompt(run: Run): Promise<void> {
  const { incident, record, inbox } = run;
  const since = { ageMs: Date.now() - workflowInfo().startTime.getTime(), unread: inbox.length };
  record.prompt ??= promptOfStart(incident, record, since) ?? (await renderByWorker(incident, record, soFar(run)));
}

/** The agent has taken the incident; it may have answered in the same breath. */
function takeRun(run: Run, agentRun: AgentRun): void {
  const { record } = run;
  takeAnswer(record, agentRun, Date.now());
  if (agentRun.ending === undefined && !isRunning(record)) {
    enter(run, 'asked', { note: agentRun.executionId });
    return;
  }
  passThrough(run, 'asked', agentRun.executionId);
  if (agentRun.ending === undefined) {
    enter(run, 'running');
    return;
  }
  endRun(run, agentRun.ending);
}

/** It still fires after `repeatAfter`, or its run was lost: a new agent run, about the newest occurrence. */
async function askAgain(run: Run, why: 'repeat' | 'retry'): Promise<void> {
  const { record } = run;
  const lost = record.ending?.outcome;
  if (why === 'retry') record.retries = (record.retries ?? 0) + 1;
  toAskAgain(record, Date.now());
  const cause = why === 'repeat' ? 'it still fires' : `the run before ended as ${lost}`;
  enter(run, 'delivering', { note: `${cause}: ask ${record.asks}` });
  await ask(run);
}

/** Everything but the call: what would have been sent stands in the execution. */
async function observe(run: Run): Promise<void> {
  const request = await describeOnce(run.incident, run.record);
  drain(run);
  run.record.request = request;
  enter(run, 'observed', { note: `${request.method} ${request.path} was not sent` });
}

async function recordEnding(run: Run, error: unknown): Promise<void> {
  if (isCancellation(error)) {
    enter(run, 'cancelled', { note: await stopAgent(run) });
    return;
  }
  if (!(error instanceof ApplicationFailure)) return;
  run.record.failure = error.message;
  const reason = error.type ?? 'Unknown';
  enter(run, 'failed', { note: reason, failureReason: reason });
  show(run, 'nothing by itself: edit the Hook, or reset this execution once the reason is gone');
}

/** What the agent answers to the cancellation; undefined where no run can go on. */
async function stopAgent(run: Run): Promise<string | undefined> {
  const { agentRun, mayHaveStarted = false } = run.record;
  const isDoubtful = agentRun === undefined && (run.isDelivering || mayHaveStarted);
  const mayRun = isRunning(run.record) || (isDoubtful && patched('cancel-unanswered-start'));
  if (!mayRun) return undefined;
  show(run, 'the agent run is being cancelled');
  try {
    return (await cancelAtAgent(run)).said;
  } catch (error) {
    return `the agent run could not be cancelled: ${error instanceof Error ? error.message : String(error)}`;
  }
}
