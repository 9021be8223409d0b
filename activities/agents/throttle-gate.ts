/**
 * One 429 slows down all calls of this worker: until the server's time has passed nobody calls, then one after the other.
 *
 * Kept by callAgent, one for each worker. Decides from an injected clock and never waits: who is held gets a turn of its own
 * and comes back then. The distance between turns doubles with each further 429 and halves with each call that goes well.
 */

export interface ThrottleGate {
  /** How long this call has to stay away, in milliseconds; 0: it may go now. `caller` keeps its turn until it went. */
  holdMs: (caller: string) => number;
  /** The server wants to be left alone for so long. */
  throttled: (waitMs: number) => void;
  /** A call went well. */
  eased: () => void;
  /** Which server and key the gate is for; another one begins with an open gate. */
  use: (endpoint: string) => void;
}

const firstSpacingMs = 50;
const widestSpacingMs = 5_000;
/** After the gate has opened everybody had a turn within this time. */
const longestQueueMs = 300_000;
/** No server can ask for more, so a longer time is a clock that was turned back. */
const longestHoldMs = 2 * 3_600_000;

export function createThrottleGate(nowMs: () => number = () => performance.now()): ThrottleGate {
  const turns = new Map<string, number>();
  let endpoint: string | undefined;
  let closedUntilMs = Number.NEGATIVE_INFINITY;
  let lastTurnMs = Number.NEGATIVE_INFINITY;
  let spacingMs = 0;

  function open(): void {
    turns.clear();
    closedUntilMs = lastTurnMs = Number.NEGATIVE_INFINITY;
    spacingMs = 0;
  }

  function newTurn(): number {
    const queued = Math.max(closedUntilMs, lastTurnMs) + spacingMs;
    lastTurnMs = Math.min(queued, Math.max(closedUntilMs, nowMs()) + longestQueueMs);
    return lastTurnMs;
  }

  return {
    holdMs: (caller) => {
      const now = nowMs();
      if (closedUntilMs - now > longestHoldMs) open();
      const isQueue = Math.max(closedUntilMs, lastTurnMs) > now;
      const known = turns.get(caller);
      if (!isQueue || (known !== undefined && known <= now && closedUntilMs <= now)) {
        turns.delete(caller);
        return 0;
      }
      // A turn from before the gate was closed again is none any more.
      const turn = known !== undefined && known > closedUntilMs ? known : newTurn();
      turns.set(caller, turn);
      return Math.max(1, turn - now);
    },
    throttled: (waitMs) => {
      closedUntilMs = Math.max(closedUntilMs, nowMs() + waitMs);
      spacingMs = Math.min(Math.max(firstSpacingMs, spacingMs * 2), widestSpacingMs);
    },
    eased: () => {
      spacingMs = spacingMs <= firstSpacingMs ? 0 : spacingMs / 2;
    },
    use: (next) => {
      if (endpoint !== next) open();
      endpoint = next;
    },
  };
}
