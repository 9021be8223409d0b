/**
 * After the agent was asked: waits until the trouble has been gone for the quiet window, or until it is time to ask again.
 *
 * Called by handleIncident. Timers are few: one that is still running is kept as long as nothing is due before it fires.
 */
import { condition, sleep, workflowInfo } from '@temporalio/workflow';
import { nextStep } from './current-details.ts';
import { msUntilOver, msUntilRepeat } from './incident-record.ts';
import { continueRun, drain, type Run, show } from './run.ts';

interface Timer {
  dueMs: number;
  fired: boolean;
}

/** What has come; nothing is awaited after the last look at the inbox. */
export async function watchUntilOver(run: Run): Promise<'over' | 'repeat'> {
  let timer: Timer | undefined;
  for (;;) {
    drain(run);
    if (workflowInfo().continueAsNewSuggested) await continueRun(run);
    const overInMs = msUntilOver(run.incident, run.record, Date.now()) ?? Infinity;
    if (overInMs <= 0) return 'over';
    const repeatInMs = msUntilRepeat(run.incident, run.record, Date.now()) ?? Infinity;
    if (repeatInMs <= 0) return 'repeat';
    show(run, nextStep(run.incident, run.record));
    timer = timerFor(Math.min(overInMs, repeatInMs), timer);
    const current = timer;
    await condition(() => run.inbox.length > 0 || current?.fired === true);
    if (current?.fired === true) timer = undefined;
  }
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
