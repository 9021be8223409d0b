/**
 * Wakes a loop that waits for its next round, because something has changed meanwhile.
 *
 * A ring while the loop works makes the next wait short.
 */
import { pause } from './backoff.ts';

export interface Bell {
  ring: () => void;
  /** Resolves after so long, soon after a ring, or when the signal is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** After a ring: several changes come together, and Temporal's lists lag behind a little. */
const defaultSettleMs = 1000;

export function createBell(settleMs = defaultSettleMs): Bell {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    wait: async (ms, signal) => {
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      await Promise.race([pause(ms, either), rung.promise.then(() => pause(Math.min(settleMs, ms), either))]);
      over.abort();
      rung = Promise.withResolvers<void>();
    },
  };
}
