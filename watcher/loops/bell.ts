/**
 * Wakes a loop that waits for its next round, because something has changed meanwhile.
 *
 * A ring while the loop works makes the next wait short.
 */
import { pause } from './backoff.ts';

export type Bell = ReturnType<typeof createBell>;

/** After a ring: several changes come together, and Temporal's lists lag behind a little. */
const defaultSettleMs = 1000;

export function createBell(settleMs = defaultSettleMs) {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    /** Resolves after so long, soon after a ring, or when the signal is aborted. */
    wait: async (ms: number, signal: AbortSignal) => {
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      await Promise.race([pause(ms, either), rung.promise.then(() => pause(Math.min(settleMs, ms), either))]);
      over.abort();
      rung = Promise.withResolvers<void>();
    },
  };
}
