/**
 * After the agent was asked: waits until the trouble has been gone for the quiet window and the agent run has ended, or
 * until it is time to ask again.
 *
 * Timers are few: one that is still running is kept as long as nothing is due before it fires.
 */
import { condition, sleep, workflowInfo } from '@temporalio/workflow';
import { nextStep } from './current-details.ts';
import { endIfTimeIsUp, endWaiting, follow, isToBeRetried, takeFollowed } from './follow.ts';
import { isRunning } from './record/incident-record.ts';
import { msUntilOver, msUntilRepeat } from './record/when-due.ts';
import { continueRun, drain, enter, type Run, show } from './run.ts';
import { deliverReply, takeAnswered } from './waiting/answer.ts';
import { msUntilUnanswered, stateOfPause } from './waiting/waiting.ts';

interface Timer {
  dueMs: number;
  fired: boolean;
}

/** What has come; nothing is awaited after the last look at the inbox. */
export async function watchUntilOver(run: Run): Promise<Next> {
  let timer: Timer | undefined;
  for (;;) {
    drain(run);
    takeAnswered(run);
    takeFollowed(run);
    if (msUntilUnanswered(run.record, Date.now()) === 0) endWaiting(run);
    endIfTimeIsUp(run);
    if (workflowInfo().continueAsNewSuggested && !run.isAnswering) await continueRun(run);
    const next = nextOf(run);
    if (typeof next === 'string') return next;
    deliverReply(run);
    follow(run);
    noteOver(run, next.isOver);
    show(run, nextStep(run.incident, run.record, Date.now()));
    timer = timerFor(next, timer);
    const current = timer;
    await condition(() => hasNews(run) || current?.fired === true);
    if (current?.fired === true) timer = undefined;
  }
}

function hasNews({ inbox, followed, answered, isAnswering, isFollowing, record }: Run): boolean {
  if (inbox.length > 0 || answered !== undefined) return true;
  if (isAnswering) return false;
  const isLeft = followed === undefined && !isFollowing && isRunning(record);
  return followed !== undefined || record.reply !== undefined || isLeft;
}

type Next = 'over' | 'repeat' | 'retry';

/** What is to be done now, or when to look again at the latest. */
function nextOf(run: Run): Next | Pending {
  const { incident, record } = run;
  if (isToBeRetried(run)) return 'retry';
  const overInMs = msUntilOver(incident, record, Date.now()) ?? Infinity;
  const isOver = overInMs <= 0;
  if (isOver && !isRunning(record)) return 'over';
  const repeatInMs = msUntilRepeat(incident, record, Date.now()) ?? Infinity;
  if (repeatInMs <= 0) return 'repeat';
  const answerInMs = msUntilUnanswered(record, Date.now()) ?? Infinity;
  const quietInMs = Math.min(isOver ? Infinity : overInMs, repeatInMs);
  const isForAnswer = answerInMs < quietInMs;
  return { isOver, dueInMs: isForAnswer ? answerInMs : quietInMs, isForAnswer };
}

/** Nothing is to be done for so long. */
interface Pending {
  dueInMs: number;
  /** What is due then is an answer of people. */
  isForAnswer: boolean;
  isOver: boolean;
}

/** The trouble is over before the agent run is: said once, and again when it has come back and gone meanwhile. */
function noteOver(run: Run, isOver: boolean): void {
  const { pause } = run.record;
  if (isOver) run.record.isOver = true;
  else delete run.record.isOver;
  if (isOver && !run.isNotedOver) {
    const does = pause === undefined ? 'works' : 'waits for people';
    const state = pause === undefined ? 'running' : stateOfPause(pause);
    enter(run, state, { note: `the trouble is over; the agent still ${does}` });
  }
  run.isNotedOver = isOver;
}

/** When a running timer fires, what remains is counted anew. Fewer events than restarting it. */
function timerFor({ dueInMs: ms, isForAnswer }: Pending, running: Timer | undefined): Timer | undefined {
  if (ms === Infinity) return running;
  if (running !== undefined && running.dueMs <= Date.now() + ms) return running;
  const timer = { dueMs: Date.now() + ms, fired: false };
  // A cancelled run ends by the condition beside it; the timer's own rejection carries no news.
  sleep(ms, { summary: isForAnswer ? 'waits for people until then' : 'over when quiet until then' }).then(
    () => {
      timer.fired = true;
    },
    () => undefined,
  );
  return timer;
}
