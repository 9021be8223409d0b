/**
 * Step 5: the story of one incident. Render the prompt, ask the agent, then watch until the trouble has been gone.
 *
 * Started by the watcher, one per incident; Running means the incident is firing, Completed resolved, Failed that the
 * agent could not be asked. Deterministic: reads no clock but Temporal's, and touches nothing but its activities.
 */
import { ApplicationFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Incident } from './contract/incident.ts';
import type { Outcome } from './contract/outcome.ts';
import { deliverOnce, describeOnce, renderOnce, waitToRedeliver } from './deliver.ts';
import { beginRecord, type IncidentRecord, takeAnswer, toAskAgain } from './incident-record.ts';
import { continueRun, drain, enter, openRun, outcomeOf, type Run, show } from './run.ts';
import { watchUntilOver } from './watch-until-over.ts';

export async function handleIncident(incident: Incident, carried?: IncidentRecord): Promise<Outcome> {
  const run = openRun(incident, carried ?? beginRecord(incident, workflowInfo().runId, Date.now()));
  try {
    await ask(run);
    while ((await watchUntilOver(run)) === 'repeat') await askAgain(run);
    const { resolved } = run.record;
    enter(run, 'resolved', resolved === undefined ? {} : { note: resolved.message });
    show(run, 'nothing: the incident is over');
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
      takeAnswer(record, agentRun, Date.now());
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

/** It still fires after `repeatAfter`: a new agent run, told of the newest occurrence. */
async function askAgain(run: Run): Promise<void> {
  toAskAgain(run.record, Date.now());
  enter(run, 'delivering', { note: `it still fires: ask ${run.record.asks}` });
  await ask(run);
}

/** Everything but the call: what would have been sent stands in the execution. */
async function observe(run: Run): Promise<void> {
  const request = await describeOnce(run.incident, run.record);
  drain(run);
  run.record.request = request;
  enter(run, 'observed', { note: `${request.method} ${request.path} was not sent` });
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
