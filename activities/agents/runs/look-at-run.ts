/**
 * One step of following a run: a look, what it means, and the last words when the run has had its time.
 *
 * Trouble with Kagent is remembered and waited out; only a run that has ended, waits for a
 * person, is lost or has had its time comes back.
 */
import type { FollowedRun, Following, RunEnding, RunOutcome } from '../../../workflows/contract/agent-run.ts';
import { deliveryErrorIn } from '../delivery-error.ts';
import type { AgentPort, Liveness, RunReading } from '../port.ts';
import { type FollowTimes, isProbeDue, takeLiveness, takeLook, type Watchkeeping } from './following.ts';
import type { RunObserver } from './run-observer.ts';

export interface Follower {
  agent: Pick<AgentPort, 'look' | 'probe' | 'cancel'>;
  times: FollowTimes;
  runObserver?: RunObserver | undefined;
  nowMs: () => number;
}

export interface FollowedNow {
  following: Following;
  watch: Watchkeeping;
  signal: AbortSignal;
  /** What went wrong at the last look. */
  problem: string | undefined;
}

/** The run has had its time: what it costs to say so to the agent. */
const cancelMs = 10_000;

/** What has become of the run; undefined while it goes on. */
export async function lookAtRun(follower: Follower, run: FollowedNow): Promise<FollowedRun | undefined> {
  const reading = await look(follower, run);
  const followed = reading === undefined ? undefined : await followedBy(follower, run, reading);
  if (followed !== undefined || run.following.deadlineMs > follower.nowMs()) return followed;
  return endByTime(follower, run);
}

async function look({ agent, runObserver }: Follower, run: FollowedNow): Promise<RunReading | undefined> {
  const { following, signal } = run;
  try {
    const reading = await agent.look({ ...following, signal });
    run.problem = undefined;
    runObserver?.looked(reading.state);
    return reading;
  } catch (error) {
    run.problem = deliveryErrorIn(error, signal).message;
    runObserver?.looked('failed');
    return undefined;
  }
}

async function followedBy(follower: Follower, run: FollowedNow, reading: RunReading): Promise<FollowedRun | undefined> {
  const { following, watch } = run;
  const { times } = follower;
  if (reading.state === 'ended') return reading;
  if (takeLook(watch, reading, { nowMs: follower.nowMs(), times })) return ended('AgentRunUnknown', missingWhy);
  if (reading.state === 'paused') {
    return [following.pauseId, following.answeredId].includes(reading.pause.id) ? undefined : reading;
  }
  if (reading.state === 'missing') return undefined;
  if (following.pauseId !== undefined) return { state: 'working' };
  return (await isLost(follower, run)) ? ended('AgentLostRun', lostWhy) : undefined;
}

/** Whether the probes found it lost for good, and nothing has moved since. */
async function isLost(follower: Follower, run: FollowedNow): Promise<boolean> {
  const { watch } = run;
  const { times, nowMs } = follower;
  if (!isProbeDue(watch, { nowMs: nowMs(), times })) return false;
  if (!takeLiveness(watch, await probe(follower, run), { nowMs: nowMs(), times })) return false;
  const last = await look(follower, run);
  return last?.state === 'working' && last.mark === watch.mark;
}

async function probe({ agent }: Follower, { following, signal }: FollowedNow): Promise<Liveness> {
  try {
    return await agent.probe({ ...following, signal });
  } catch (error) {
    deliveryErrorIn(error, signal);
    return 'unclear';
  }
}

/** One more look, and a word to the agent. */
async function endByTime(follower: Follower, run: FollowedNow): Promise<FollowedRun> {
  const { following, signal } = run;
  const last = await look(follower, run);
  if (last?.state === 'ended') return last;
  const time = AbortSignal.any([signal, AbortSignal.timeout(cancelMs)]);
  const said = await follower.agent.cancel({ ...following, signal: time }).then(
    (answer) => answer.said,
    () => 'it could not be asked to stop',
  );
  signal.throwIfAborted();
  const trouble = run.problem === undefined ? '' : ` Kagent could not be asked last: ${run.problem}`;
  const until = new Date(following.deadlineMs).toISOString();
  return ended('AgentRunTimedOut', `The run had not ended by ${until}; ${said}.${trouble}`);
}

const missingWhy =
  'Kagent does not know the run: it was deleted, belongs to another user, or the agent keeps its own tasks.';
const lostWhy =
  'The agent no longer works on the run, which still reads as working: its process has ended, or its result could not be stored. It may have acted.';

function ended(outcome: RunOutcome, why: string): { state: 'ended'; ending: RunEnding } {
  return { state: 'ended', ending: { outcome, why } };
}
