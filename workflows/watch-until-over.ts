/**
 * After the agent was asked: waits until the trouble has been gone for the quiet window and the agent run has ended, or
 * until it is time to ask again.
 *
 * Timers are few: one that is still running is kept as long as nothing is due before it fires.
 */
import { condition, sleep, workflowInfo } from '@temporalio/workflow';
import { nextStep } from './current-details.ts';
import { follow, isToBeRetried, takeFollowed } from './follow.ts';
import { isRunning } from './incident-record.ts';
import { continueRun, drain, enter, type Run, show } from './run.ts';
import { msUntilOver, msUntilRepeat } from './when-due.ts';

interface Timer {
  dueMs: number;
  fired: boolean;
}

/** What has come; nothing is awaited after the last look at the inbox. */
export async function watchUntilOver(run: Run): Promise<Next> {
  let timer: Timer | undefined;
  for (;;) {
    drain(run);
    takeFollowed(run);
    if (workflowInfo().continueAsNewSuggested) await continueRun(run);
    const next = nextOf(run);
    if (typeof next === 'string') return next;
    follow(run);
    tellOver(run, next.isOver);
    show(run, nextStep(run.incident, run.record, Date.now()));
    timer = timerFor(next.dueInMs, timer);
    const current = timer;
    await condition(() => run.inbox.length > 0 || run.followed !== undefined || current?.fired === true);
    if (current?.fired === true) timer = undefined;
  }
}

type Next = 'over' | 'repeat' | 'retry';

/** What is to be done now, or when to look again at the latest. */
function nextOf(run: Run): Next | { dueInMs: number; isOver: boolean } {
  const { incident, record } = run;
  if (isToBeRetried(run)) return 'retry';
  const overInMs = msUntilOver(incident, record, Date.now()) ?? Infinity;
  const isOver = overInMs <= 0;
  if (isOver && !isRunning(record)) return 'over';
  const repeatInMs = msUntilRepeat(incident, record, Date.now()) ?? Infinity;
  if (repeatInMs <= 0) return 'repeat';
  return { isOver, dueInMs: Math.min(isOver ? Infinity : overInMs, repeatInMs) };
}

/** The trouble is over before the agent run is: said once, and again when it has come back and gone meanwhile. */
function tellOver(run: Run, isOver: boolean): void {
  if (isOver && !run.isToldOver) {
    const state = run.record.pause === undefined ? 'running' : 'input-required';
    enter(run, state, { note: 'the trouble is over; the agent still works' });
  }
  run.isToldOver = isOver;
}

/** When a running timer fires, what remains is counted anew. Fewer events than restarting it. */
function timerFor(ms: number, running: Timer | undefined): Timer | undefined {
  if (ms === Infinity) return running;
  if (running !== undefined && running.dueMs <= Date.now() + ms) return running;
  const timer = { dueMs: Date.now() + ms, fired: false };
  // A cancelled run ends by the condition beside it; the timer's own rejection carries no news.
  sleep(ms, { summary: 'over when quiet until then' }).then(
    () => {
      timer.fired = true;
    },
    () => undefined,
  );
  return timer;
}
