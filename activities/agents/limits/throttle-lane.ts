/**
 * Who waits after a 429, and until when: nobody goes before the server's time has passed, then one after the other.
 *
 * Decides from the moment it is given and never waits. The distance between turns doubles with each further 429 and halves with
 * each call that goes well.
 */

export type ThrottleLane = ReturnType<typeof createThrottleLane>;

const firstSpacingMs = 50;
const widestSpacingMs = 5_000;
/** After the server's time everybody has a turn within as long again, and within this. */
const longestQueueMs = 300_000;
/** No server can ask for more, so a longer time is a clock that was turned back. */
const longestHoldMs = 2 * 3_600_000;

const never = Number.NEGATIVE_INFINITY;

export function createThrottleLane() {
  const turns = new Map<string, number>();
  let [closedUntilMs, queueLimitMs, lastTurnMs, furthestTurnMs] = [never, never, never, never];
  let spacingMs = 0;

  const endMs = () => Math.max(closedUntilMs, furthestTurnMs);
  const isTurnedBack = (nowMs: number) => closedUntilMs - nowMs > longestHoldMs;

  function newTurn(nowMs: number): number {
    const opensMs = Math.max(closedUntilMs, nowMs);
    const queued = Math.max(opensMs, lastTurnMs) + spacingMs;
    // Where the time is too short for so many, they stand closer: the next one goes between the first.
    lastTurnMs = queued <= queueLimitMs ? queued : Math.min(opensMs + spacingMs, queueLimitMs);
    furthestTurnMs = Math.max(furthestTurnMs, lastTurnMs);
    return lastTurnMs;
  }

  return {
    /** How long this call has to stay away, in milliseconds; 0: it may go. `caller` keeps its turn until it went. */
    holdMs: (caller: string, nowMs: number): number => {
      if (endMs() <= nowMs || isTurnedBack(nowMs)) {
        turns.clear(); // all have had their turns; who has not come was cancelled
        return 0;
      }
      const known = turns.get(caller);
      // A turn from before the lane was closed again is none any more.
      const isValid = known !== undefined && known >= closedUntilMs;
      const turn = isValid ? known : newTurn(nowMs);
      turns.set(caller, turn);
      return isValid && turn <= nowMs ? 0 : Math.max(1, turn - nowMs);
    },
    /** The call goes now; its turn is used. */
    went: (caller: string) => void turns.delete(caller),
    /** The server wants to be left alone for so long. */
    close: (waitMs: number, nowMs: number) => {
      if (isTurnedBack(nowMs)) closedUntilMs = queueLimitMs = lastTurnMs = furthestTurnMs = nowMs;
      closedUntilMs = Math.max(closedUntilMs, nowMs + waitMs);
      queueLimitMs = Math.max(queueLimitMs, closedUntilMs + Math.min(waitMs, longestQueueMs));
      spacingMs = Math.min(Math.max(firstSpacingMs, spacingMs * 2), widestSpacingMs);
    },
    ease: () => {
      spacingMs = spacingMs <= firstSpacingMs ? 0 : spacingMs / 2;
    },
    /** How much of the server's time is left, in milliseconds. */
    closedForMs: (nowMs: number) => (isTurnedBack(nowMs) ? 0 : Math.max(0, closedUntilMs - nowMs)),
    /** When the last turn is over that was given. */
    endMs,
  };
}
