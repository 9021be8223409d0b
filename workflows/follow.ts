/**
 * Follows the agent run beside everything else that happens to the incident: one activity at a time, on its own task queue.
 *
 * The activity's result is put into the run like a signal; only `takeFollowed` reads it, between two waits.
 */
import { CancellationScope, isCancellation, patched, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { CancelAnswer, FollowedRun, RunEnding, RunOutcome, RunPause } from './contract/agent-run.ts';
import { runsTaskQueue } from './contract/plain/names.ts';
import { type IncidentRecord, isRunning } from './record/incident-record.ts';
import { takeEnding } from './record/record-run.ts';
import { enter, type Run } from './run.ts';
import {
  autoReply,
  beginWaiting,
  deadlineOf,
  decidedElsewhere,
  leavePause,
  pauseWords,
  stateOfPause,
  timeoutReply,
} from './waiting/waiting.ts';

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
  stoppable(run).then(back, (error: unknown) => back(endingOf(error)));
}

/** Only what follows a waiting run is ever stopped: a scope of its own changes the order in which a cancel arrives. */
function stoppable(run: Run): Promise<FollowedRun | undefined> {
  delete run.stopFollowing;
  if (run.record.waiting === undefined) return followRun(run);
  const scope = new CancellationScope();
  run.stopFollowing = () => scope.cancel();
  return scope.run(() => followRun(run));
}

async function followRun({ incident, record }: Run): Promise<FollowedRun | undefined> {
  const { agentRun, askedMs = Date.now(), pause, decided } = record;
  if (agentRun === undefined) return undefined;
  const deadlineMs = deadlineOf(incident, record, askedMs);
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
  const answered = decided?.findLast(({ cause }) => cause !== 'elsewhere');
  return activity({ agent, run: agentRun, askedMs, deadlineMs, pauseId: pause?.id, answeredId: answered?.pauseId });
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
  if (followed === undefined || run.isAnswering) return;
  delete run.followed;
  run.isEnding = false;
  if (followed.state === 'ended') {
    const ending = explained(followed.ending, record);
    if (record.waiting?.isTimeUp !== true) leaveUnanswered(record);
    endRun(run, ending);
  } else if (followed.state === 'paused') {
    takePause(run, followed.pause);
  } else if (record.pause !== undefined) {
    leaveUnanswered(record);
    delete record.pause;
    enter(run, 'running', { note: 'it goes on: it was decided elsewhere' });
  }
}

/** The run waits for people, unless its Hook has decided beforehand. */
function takePause(run: Run, pause: RunPause): void {
  const { incident, record } = run;
  leaveUnanswered(record);
  record.pause = pause;
  if (!patched('people-answer')) {
    enter(run, stateOfPause(pause), { note: pause.message });
    return;
  }
  const nowMs = Date.now();
  beginWaiting(incident, record, nowMs);
  const reply = autoReply(incident, pause, nowMs);
  if (reply === undefined) enter(run, stateOfPause(pause), { note: pauseWords(pause, record) });
  else record.reply = reply;
}

/** The run has left its pause, and not by an answer from here. One of an older form is asked anew, not left. */
function leaveUnanswered(record: IncidentRecord): void {
  const { pause } = record;
  if (pause?.decidable === undefined) return;
  leavePause(record, decidedElsewhere(pause, Date.now()), Date.now());
}

function explained(ending: RunEnding, { waiting }: IncidentRecord): RunEnding {
  if (waiting?.isTimeUp !== true || ending.outcome !== 'AgentRunTimedOut') return ending;
  return { ...ending, why: `Nobody has answered what the agent asked. ${ending.why ?? ''}`.trim() };
}

/** Nobody has answered in time: the agent gets that as its answer, or the run is ended. */
export function endWaiting(run: Run): void {
  const { incident, record } = run;
  const reply = timeoutReply(incident, record, Date.now());
  if (reply !== undefined) record.reply = reply;
  else if (record.waiting !== undefined) record.waiting.isTimeUp = true;
  endIfTimeIsUp(run);
}

/** The activity that follows the run ends it when its time is up; one that had more time makes room. */
export function endIfTimeIsUp(run: Run): void {
  const { waiting } = run.record;
  if (waiting?.isTimeUp !== true || run.isEnding) return;
  run.isEnding = true;
  run.stopFollowing?.();
}

/** Takes the ending of a run into the record, and enters the state that it leads to. */
export function endRun(run: Run, ending: RunEnding): void {
  takeEnding(run.incident, run.record, { ending, nowMs: Date.now() });
  const { outcome, why } = ending;
  if (outcome === 'AgentRunCompleted') return enter(run, 'answered', { note: outcome });
  const note = why === undefined ? outcome : `${outcome}: ${why.slice(0, 300)}`;
  enter(run, 'run-failed', { note, failureReason: outcome });
}

/** After these a Hook may ask once more; the run may have acted. */
const retried: readonly RunOutcome[] = ['AgentLostRun', 'AgentRunUnknown'];

export function isToBeRetried({ incident, record }: Run): boolean {
  const { ending, retries = 0 } = record;
  return ending !== undefined && retried.includes(ending.outcome) && retries < (incident.timing.lostRunRetries ?? 0);
}

/** Cancels the run at its agent; outlives the cancellation that calls for it, within a minute. */
export function cancelAtAgent({ incident, record }: Run): Promise<CancelAnswer> {
  const { cancelRun } = proxyActivities<Pick<Activities, 'cancelRun'>>({
    startToCloseTimeout: '20 seconds',
    scheduleToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumAttempts: 3 },
    summary: 'cancel the agent run',
  });
  const { agentRun: run, askRun, askedMs } = record;
  return CancellationScope.nonCancellable(() => cancelRun({ agent: incident.agent, askRun, run, askedMs }));
}
