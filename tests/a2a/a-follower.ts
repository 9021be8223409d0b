/**
 * Runs the activity followRun as Temporal would, with times that a test can wait for.
 */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { FollowTimes } from '../../activities/agents/runs/following.ts';
import { createFollowRun, type FollowRunDependencies } from '../../activities/follow-run.ts';
import type { FollowedRun, Following } from '../../workflows/contract/agent-run.ts';
import { theAgent } from './an-adapter.ts';

/** A run is lost after a twentieth of a second. */
const quickTimes: FollowTimes = {
  firstLookMs: 5,
  longestLookMs: 10,
  quietMs: 30,
  secondProbeMs: 15,
  missingMs: 40,
};

export interface Follower {
  environment: MockActivityEnvironment;
  heartbeats: unknown[];
  /** What the observer was called with, as words. */
  observed: string[];
  followed: Promise<FollowedRun>;
}

export function follow(
  dependencies: FollowRunDependencies,
  following: Pick<Following, 'run'> & Partial<Following>,
): Follower {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
  const observed: string[] = [];
  const followRun = createFollowRun({
    times: quickTimes,
    heartbeatEveryMs: 20,
    runObserver: {
      looked: (state) => observed.push(state),
      following: (change) => observed.push(change > 0 ? 'begun' : 'left'),
      ended: (agent, { outcome }) => observed.push(`${agent} ${outcome}`),
    },
    ...dependencies,
  });
  const deadlineMs = Date.now() + 10_000;
  const followed: Promise<FollowedRun> = environment.run(followRun, { agent: theAgent, deadlineMs, ...following });
  return { environment, heartbeats, observed, followed };
}
