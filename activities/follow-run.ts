/**
 * Step 7: follows one agent run until it has ended, or waits for a person, or is lost, or has had its time.
 *
 * One heartbeating activity for each run, on a task queue of its own. Starts nothing and asks for nothing twice: after any
 * interruption it goes on from the id of the run.
 */

import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { FollowedRun, Following } from '../workflows/contract/agent-run.ts';
import { nameOf } from './agents/http/agent-path.ts';
import { busyNamespace } from './agents/limits/delivery-budget.ts';
import { createSlotShare, type SlotShare } from './agents/limits/slot-share.ts';
import { beginWatch, type FollowTimes, followTimes, msUntilLook } from './agents/runs/following.ts';
import { type FollowedNow, type Follower, lookAtRun } from './agents/runs/look-at-run.ts';
import { keepBeating } from './heartbeat.ts';

export interface FollowRunDependencies extends Pick<Follower, 'agent' | 'runObserver'> {
  times?: FollowTimes;
  nowMs?: () => number;
  heartbeatEveryMs?: number;
  /** Which namespace may have a further run followed at once. */
  share?: SlotShare;
}

export function createFollowRun(dependencies: FollowRunDependencies): (following: Following) => Promise<FollowedRun> {
  const { agent, runObserver, times = followTimes, nowMs = Date.now, share = createSlotShare() } = dependencies;
  const { heartbeatEveryMs = 8_000 } = dependencies; // three in the 30 s of the workflow
  const follower: Follower = { agent, runObserver, times, nowMs };

  return async function followRun(following) {
    const context = Context.current();
    const freeSlot = takeSlot(share, following, context);
    const signal = context.cancellationSignal;
    const run: FollowedNow = { following, watch: beginWatch(nowMs()), signal, problem: undefined };
    // People see the heartbeat's details of a pending activity.
    const stopBeating = keepBeating(context, heartbeatEveryMs, () => ({ run: run.watch.mark, problem: run.problem }));
    runObserver?.following(1);
    try {
      const followed = await untilFollowed(follower, run, context);
      if (followed.state === 'ended') {
        const ranMs = nowMs() - (following.askedMs ?? nowMs());
        runObserver?.ended(nameOf(following.agent), followed.ending, Math.max(0, ranMs));
      }
      return followed;
    } catch (error) {
      throw goOnElsewhere(context) ?? error;
    } finally {
      freeSlot();
      stopBeating();
      runObserver?.following(-1);
    }
  };
}

/** Throws where the namespace has its share; Temporal comes back. A run without a fairness key counts for the namespace of its agent. */
function takeSlot(share: SlotShare, { agent, run }: Following, { info }: Context): () => void {
  const namespace = info.priority?.fairnessKey || agent.namespace;
  const busyMs = share.holdMs({ caller: run.executionId, namespace });
  if (busyMs > 0) throw ApplicationFailure.create(busyNamespace(busyMs));
  return share.take(namespace);
}

async function untilFollowed(follower: Follower, run: FollowedNow, context: Context): Promise<FollowedRun> {
  const { times, nowMs } = follower;
  for (;;) {
    const followed = await lookAtRun(follower, run);
    if (followed !== undefined) return followed;
    const nextMs = msUntilLook(run.watch, { nowMs: nowMs(), times, random: Math.random() });
    await context.sleep(Math.max(1, Math.min(nextMs, run.following.deadlineMs - nowMs())));
  }
}

/** A worker that stops, or a pause of the activity, ends no run: the next attempt goes on. */
function goOnElsewhere(context: Context): ApplicationFailure | undefined {
  const { cancellationDetails, cancellationSignal } = context;
  if (!cancellationSignal.aborted || cancellationDetails?.cancelRequested === true) return undefined;
  if (cancellationDetails?.paused === true || cancellationDetails?.reset === true) return undefined;
  return ApplicationFailure.retryable('The worker stops; another one follows the run.', 'WorkerShutdown');
}
