/**
 * Step 7: follows one agent run until it has ended, or waits for a person, or is lost, or has had its time.
 *
 * One heartbeating activity for each run, on a task queue of its own. Starts nothing and asks for nothing twice: after any
 * interruption it goes on from the id of the run. Trouble with Kagent is waited out until the deadline.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { FollowedRun, Following, RunEnding, RunOutcome } from '../workflows/contract/agent-run.ts';
import { DeliveryError } from './agents/delivery-error.ts';
import {
  beginWatch,
  type FollowTimes,
  followTimes,
  isPulseDue,
  msUntilLook,
  takeLook,
  takePulse,
  type Watchkeeping,
} from './agents/following.ts';
import type { AgentPort, RunReading } from './agents/port.ts';
import type { RunObserver } from './agents/run-observer.ts';

export interface FollowRunDependencies {
  agent: Pick<AgentPort, 'look' | 'feel' | 'cancel'>;
  times?: FollowTimes;
  runObserver?: RunObserver;
  nowMs?: () => number;
  heartbeatEveryMs?: number;
}

/** Three in the 30 s that the workflow gives. */
const defaultHeartbeatMs = 8_000;
/** The run has had its time: what it costs to say so to the agent. */
const cancelMs = 10_000;

interface Run {
  following: Following;
  watch: Watchkeeping;
  signal: AbortSignal;
  /** What went wrong at the last look. */
  problem: string | undefined;
}

export function createFollowRun(dependencies: FollowRunDependencies): (following: Following) => Promise<FollowedRun> {
  const { agent, times = followTimes, runObserver, nowMs = Date.now } = dependencies;

  async function lookAt(run: Run): Promise<RunReading | undefined> {
    const { following, signal } = run;
    try {
      const reading = await agent.look({ ...following, signal });
      run.problem = undefined;
      runObserver?.looked(reading.state);
      return reading;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeliveryError)) throw error;
      run.problem = error.message;
      runObserver?.looked('failed');
      return undefined;
    }
  }

  /** Whether two pulses were missing and nothing has moved since the second. */
  async function isLost(run: Run): Promise<boolean> {
    const { following, watch, signal } = run;
    if (!isPulseDue(watch, { nowMs: nowMs(), times })) return false;
    const pulse = await agent.feel({ ...following, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof DeliveryError)) throw error;
      return 'unclear' as const;
    });
    if (!takePulse(watch, pulse, { nowMs: nowMs(), times })) return false;
    const last = await lookAt(run);
    return last?.state === 'working' && last.mark === watch.mark;
  }

  /** What follows from one look; undefined: it goes on. */
  async function judge(run: Run, reading: RunReading): Promise<FollowedRun | undefined> {
    const { following, watch } = run;
    if (reading.state === 'ended') return reading;
    if (takeLook(watch, reading, { nowMs: nowMs(), times })) return ended('AgentRunUnknown', missingWhy);
    if (reading.state === 'paused') return reading.pause.id === following.pauseId ? undefined : reading;
    if (reading.state === 'missing') return undefined;
    if (following.pauseId !== undefined) return { state: 'working' };
    return (await isLost(run)) ? ended('AgentLostRun', lostWhy) : undefined;
  }

  /** It has had its time: one more look, and a word to the agent. */
  async function endByTime(run: Run): Promise<FollowedRun> {
    const { following, signal } = run;
    const last = await lookAt(run);
    if (last?.state === 'ended') return last;
    const time = AbortSignal.any([signal, AbortSignal.timeout(cancelMs)]);
    const said = await agent.cancel({ ...following, signal: time }).then(
      (answer) => answer.said,
      () => 'it could not be told to stop',
    );
    signal.throwIfAborted();
    const trouble = run.problem === undefined ? '' : ` Kagent could not be asked last: ${run.problem}`;
    return ended('AgentRunTimedOut', `The run had not ended by ${iso(following.deadlineMs)}; ${said}.${trouble}`);
  }

  function told({ following }: Run, followed: FollowedRun): FollowedRun {
    const { agent: name, askedMs = nowMs() } = following;
    if (followed.state === 'ended') {
      runObserver?.ended(`${name.namespace}/${name.name}`, followed.ending, Math.max(0, nowMs() - askedMs));
    }
    return followed;
  }

  return async function followRun(following) {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const run: Run = { following, watch: beginWatch(nowMs()), signal, problem: undefined };
    const stopBeating = beat(context, run, dependencies.heartbeatEveryMs ?? defaultHeartbeatMs);
    runObserver?.following(1);
    try {
      for (;;) {
        const reading = await lookAt(run);
        const followed = reading === undefined ? undefined : await judge(run, reading);
        if (followed !== undefined) return told(run, followed);
        const leftMs = following.deadlineMs - nowMs();
        if (leftMs <= 0) return told(run, await endByTime(run));
        const nextMs = msUntilLook(run.watch, { nowMs: nowMs(), times, random: Math.random() });
        await context.sleep(Math.max(1, Math.min(nextMs, leftMs)));
      }
    } catch (error) {
      throw goOnElsewhere(context) ?? error;
    } finally {
      stopBeating();
      runObserver?.following(-1);
    }
  };
}

const missingWhy =
  'Kagent does not know the run: it was deleted, belongs to another user, or the agent keeps its own tasks.';
const lostWhy =
  'The agent no longer works on the run, which still reads as working: its process has ended, or its result could not be stored. It may have acted.';

function ended(outcome: RunOutcome, why: string): { state: 'ended'; ending: RunEnding } {
  return { state: 'ended', ending: { outcome, why } };
}

/** What people see of a pending activity. */
function beat(context: Context, run: Run, everyMs: number): () => void {
  const tell = () => context.heartbeat({ run: run.watch.mark, problem: run.problem });
  tell();
  const timer = setInterval(tell, everyMs);
  return () => clearInterval(timer);
}

/** A worker that stops, or a pause of the activity, ends no run: the next attempt goes on. */
function goOnElsewhere(context: Context): ApplicationFailure | undefined {
  const { cancellationDetails, cancellationSignal } = context;
  if (!cancellationSignal.aborted || cancellationDetails?.cancelRequested === true) return undefined;
  if (cancellationDetails?.paused === true || cancellationDetails?.reset === true) return undefined;
  return ApplicationFailure.create({
    message: 'The worker stops; another one follows the run.',
    type: 'WorkerShutdown',
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
