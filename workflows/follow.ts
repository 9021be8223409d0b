/**
 * Follows the agent run beside everything else that happens to the incident: one activity at a time, on its own task queue.
 *
 * The activity's result is put into the run like a signal; only `takeFollowed` reads it, between two waits.
 */
import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { CancelAnswer, FollowedRun, RunOutcome } from './contract/agent-run.ts';
import { defaultRunTimeoutMs, runsTaskQueue } from './contract/names.ts';
import { isRunning } from './incident-record.ts';
import { takeEnding } from './record-run.ts';
import { enter, type Run } from './run.ts';

/** The activity ends by itself when the run has had its time; above that it is stuck. */
const graceMs = 5 * 60_000;
/** For so long after the run has had its time a worker may be away that reads how it ended. */
const patienceMs = 24 * 3_600_000;

/** Starts the activity where a run goes on and nobody follows it. */
export function follow(run: Run): void {
  if (run.isFollowing || run.followed !== undefined || !isRunning(run.record)) return;
  run.isFollowing = true;
  const back = (followed: FollowedRun | undefined) => {
    run.isFollowing = false;
    if (followed !== undefined) run.followed = followed;
  };
  followRun(run).then(back, (error: unknown) => back(endingOf(error)));
}

async function followRun({ incident, record }: Run): Promise<FollowedRun | undefined> {
  const { agentRun, pause, askedMs = Date.now() } = record;
  if (agentRun === undefined) return undefined;
  const deadlineMs = askedMs + (incident.timing.runTimeoutMs ?? defaultRunTimeoutMs);
  const leftMs = Math.max(0, deadlineMs - Date.now());
  const { followRun: activity } = proxyActivities<Pick<Activities, 'followRun'>>({
    taskQueue: runsTaskQueue(incident.installation),
    startToCloseTimeout: leftMs + graceMs,
    scheduleToCloseTimeout: leftMs + patienceMs,
    heartbeatTimeout: '30 seconds', // how long a dead worker goes unnoticed
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
    cancellationType: 'TRY_CANCEL',
    summary: `follow ${agentRun.executionId.replaceAll(/[^\w.:-]/g, '·')}`.slice(0, 100),
  });
  const { agent } = incident;
  return activity({ agent, run: agentRun, askedMs, deadlineMs, ...(pause !== undefined && { pauseId: pause.id }) });
}

/** A cancelled run ends by itself; nothing else ends the activity for good. */
function endingOf(error: unknown): FollowedRun | undefined {
  if (isCancellation(error)) return undefined;
  const why = `The run could not be followed: ${error instanceof Error ? error.message : String(error)}`;
  return { state: 'ended', ending: { outcome: 'AgentRunUnknown', why } };
}

/** Reads what the activity has come back with. */
export function takeFollowed(run: Run): void {
  const { followed, record } = run;
  if (followed === undefined) return;
  delete run.followed;
  if (followed.state === 'ended') {
    takeEnding(run.incident, record, { ending: followed.ending, nowMs: Date.now() });
    enterEnding(run);
  } else if (followed.state === 'paused') {
    record.pause = followed.pause;
    enter(run, 'input-required', { note: followed.pause.message });
  } else {
    delete record.pause;
    enter(run, 'running', { note: 'it goes on' });
  }
}

/** The state of a run that has ended. */
export function enterEnding(run: Run): void {
  const { ending } = run.record;
  if (ending === undefined) return;
  const isGood = ending.outcome === 'AgentRunCompleted';
  if (isGood) enter(run, 'answered', { note: ending.outcome });
  else enter(run, 'run-failed', { note: noteOf(ending), failureReason: ending.outcome });
}

function noteOf({ outcome, why }: { outcome: RunOutcome; why?: string | undefined }): string {
  return why === undefined ? outcome : `${outcome}: ${why.slice(0, 300)}`;
}

/** After these a Hook may ask once more; the run may have acted. */
const retried: readonly RunOutcome[] = ['AgentLostRun', 'AgentRunUnknown'];

/** Whether the Hook wants a lost run to be asked again, and it was not yet. */
export function isToBeRetried({ incident, record }: Run): boolean {
  const { ending, retries = 0 } = record;
  return ending !== undefined && retried.includes(ending.outcome) && retries < (incident.timing.lostRunRetries ?? 0);
}

/** Tells the agent that nobody wants the run any more; outlives the cancellation that calls for it, within a minute. */
export function cancelAtAgent({ incident, record }: Run): Promise<CancelAnswer> {
  const { cancelRun } = proxyActivities<Pick<Activities, 'cancelRun'>>({
    startToCloseTimeout: '20 seconds',
    scheduleToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumAttempts: 3 },
    summary: 'cancel the agent run',
  });
  const { agent } = incident;
  const { agentRun, askRun, askedMs } = record;
  const asked = { ...(agentRun !== undefined && { run: agentRun }), ...(askedMs !== undefined && { askedMs }) };
  return CancellationScope.nonCancellable(() => cancelRun({ agent, askRun, ...asked }));
}
