/**
 * After the agent was asked: waits until the trouble has been gone for the quiet window and the agent run has ended, or
 * until it is time to ask again.
 *
 * Timers are few: one that is still running is kept as long as nothing is due before it fires.
 */
import { condition, sleep, workflowInfo } from '@temporalio/workflow';
import { nextStep } from './current-details.ts';
import { follow, isToBeRetried, takeFollowed } from './follow.ts';
import { isRunning, msUntilOver, msUntilRepeat } from './incident-record.ts';
import { continueRun, drain, enter, type Run, show } from './run.ts';

interface Timer {
  dueMs: number;
  fired: boolean;
}

/** What has come; nothing is awaited after the last look at the inbox. */
export async function watchUntilOver(run: Run): Promise<'over' | 'repeat' | 'retry'> {
  let timer: Timer | undefined;
  let toldOver = false;
  for (;;) {
    drain(run);
    takeFollowed(run);
    if (workflowInfo().continueAsNewSuggested) await continueRun(run);
    if (isToBeRetried(run)) return 'retry';
    const overInMs = msUntilOver(run.incident, run.record, Date.now()) ?? Infinity;
    if (overInMs <= 0 && !isRunning(run.record)) return 'over';
    const repeatInMs = msUntilRepeat(run.incident, run.record, Date.now()) ?? Infinity;
    if (repeatInMs <= 0) return 'repeat';
    follow(run);
    if (overInMs <= 0 && !toldOver) enter(run, stateOfRun(run), { note: 'the trouble is over; the agent still works' });
    toldOver = overInMs <= 0;
    show(run, nextStep(run.incident, run.record, Date.now()));
    timer = timerFor(Math.min(overInMs <= 0 ? Infinity : overInMs, repeatInMs), timer);
    const current = timer;
    await condition(() => run.inbox.length > 0 || run.followed !== undefined || current?.fired === true);
    if (current?.fired === true) timer = undefined;
  }
}

function stateOfRun({ record }: Run): 'running' | 'input-required' {
  return record.pause === undefined ? 'running' : 'input-required';
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
